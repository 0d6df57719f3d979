// danfojs asks for TensorFlow's Node package; its arithmetic needs only the core and the plain JavaScript backend.
import '@tensorflow/tfjs-backend-cpu';

export * from '@tensorflow/tfjs-core';
