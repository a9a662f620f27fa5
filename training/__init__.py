"""How the weights of the model `pretrained` came about: see README.md."""
