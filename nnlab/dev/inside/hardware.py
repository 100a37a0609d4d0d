"""What PyTorch sees of this computer: one line of JSON for `doctor`."""

import json

import torch
import torchvision

found = {
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
    "threads": torch.get_num_threads(),
    "cuda": [torch.cuda.get_device_name(place) for place in range(torch.cuda.device_count())],
    "built_for_cuda": torch.version.cuda,
    "mps": torch.backends.mps.is_available(),
}
print(json.dumps(found))
