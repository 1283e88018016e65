"""The exhibits once more, as a Django developer would write them: an ordinary Django project."""
