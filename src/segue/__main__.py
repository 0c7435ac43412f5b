"""`python -m segue` is `segue`."""

import sys

from segue.cli.main import main

sys.exit(main())
