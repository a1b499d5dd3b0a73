"""Programs run by hand or before a release: measurements, and generated pages."""
