from . import notice, pop
