"""The sentences of the pipeline: one file is one flow is one deployment."""
