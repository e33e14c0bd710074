"""report.html: a run on one page that opens from disk, needs nothing else, and tells what JavaScript is off for too."""
