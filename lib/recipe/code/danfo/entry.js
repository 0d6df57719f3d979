// What people's code finds as `dfd` inside the sandbox: danfojs without its readers, writers and plots.
const {
	DataFrame,
	Series,
	concat,
	merge,
	getDummies,
	toDateTime,
	LabelEncoder,
	OneHotEncoder,
	MinMaxScaler,
	StandardScaler,
} = require('danfojs-node/dist/danfojs-base/index.js');

globalThis.dfd = { DataFrame, Series, concat, merge, getDummies, toDateTime, LabelEncoder, OneHotEncoder, MinMaxScaler, StandardScaler };
