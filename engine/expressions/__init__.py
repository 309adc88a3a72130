"""Values, FEEL and sandboxed scripts: everything a person can type into a diagram or a form that is computed."""
