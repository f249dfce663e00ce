"""The verbs of the pipeline: one file is one step over one batch."""
