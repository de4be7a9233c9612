"""The metric dictionary: what each published figure means, told once beside the model it is of."""
