"""What is done with a saved model: written, predicted from, gone on with, made smaller, judged anew, described."""
