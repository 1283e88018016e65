"""The twins, by chapter; those that Django has no means for are together in `instead`."""
