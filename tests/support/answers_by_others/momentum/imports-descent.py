# expect: loses the class when graded (`from descent import Momentum` fails there); parts 1 and 3 are right

# %% momentum-class
from descent import Momentum as Base

class Momentum(Base):
    """The heavy ball, with the learning rate outside the velocity."""
