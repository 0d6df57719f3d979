/** Stands where something will be in a moment. */
export const Skeleton = ({ label = 'Loading', lines = 4 }: { label?: string; lines?: number }) => (
	<div class="skeleton" role="status">
		<span class="hidden">{label}</span>
		{Array.from({ length: lines }, (_, i) => (
			<span key={i} class="skeleton-line" aria-hidden="true" />
		))}
	</div>
);
