/**
 * Fields of a node on which its lists of columns depend: they are read anew when one changes. `datasetKey` stands for dataset and recipe of
 * the item.
 */
export const COLUMNS_DEPEND_ON = ['datasetKey', 'datasetSource', 'datasetName'];
