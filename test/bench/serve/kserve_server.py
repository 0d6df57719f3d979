"""KServe's Python server around a LightGBM model: `kserve_server.py MODEL.txt PORT`"""
import sys

import kserve
import lightgbm as lgb
import numpy as np


class Trees(kserve.Model):
    def load(self):
        self.booster = lgb.Booster(model_file=sys.argv[1])
        self.ready = True
        return self.ready

    def predict(self, payload, headers=None):
        return {'predictions': self.booster.predict(np.asarray(payload['instances'], dtype='float64')).tolist()}


model = Trees('trees')
model.load()
port = int(sys.argv[2])
sys.argv = sys.argv[:1]
kserve.ModelServer(http_port=port, enable_grpc=False, workers=1).start([model])
