"""Django's command line for this project: `python apps/django_site/manage.py check`."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    # Python puts the directory of a script first on its path. This project is imported by its whole
    # name, so the directory above `apps` takes that place, wherever the command is given.
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.django_site.settings")
    execute_from_command_line(sys.argv)
