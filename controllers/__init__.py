from . import notice, pop, recording
