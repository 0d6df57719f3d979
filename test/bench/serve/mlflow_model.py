"""Writes the LightGBM model as an MLflow model folder: `mlflow_model.py MODEL.txt FOLDER`"""
import sys

import lightgbm as lgb
import mlflow.lightgbm

mlflow.lightgbm.save_model(lgb.Booster(model_file=sys.argv[1]), sys.argv[2], pip_requirements=[])
