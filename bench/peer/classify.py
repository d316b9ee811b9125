"""One photograph by torchvision from a cold start, as a script does it: the peer of bench/Sconce.Bench/Serving/CommandGroup.cs."""
import json
import os
import resource
import sys
import time


def age():
    """Seconds since this process was started, its interpreter's start included."""
    with open("/proc/self/stat") as stat:
        ticks = int(stat.read().rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def main(network, folder):
    import torch
    import torchvision
    from PIL import Image
    from torchvision import transforms as T

    torch.set_num_threads(int(os.environ["SCONCE_BENCH_THREADS"]))
    model = getattr(torchvision.models, network)()
    model.load_state_dict(torch.load(os.path.join(folder, network + ".pth")))
    model.eval()
    prepare = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])
    photos = os.path.join(folder, "photos")
    first = os.path.join(photos, sorted(os.listdir(photos))[0])
    with torch.inference_mode():
        best = model(prepare(Image.open(first).convert("RGB"))[None]).softmax(1).max().item()
    print(json.dumps({"seconds": age(), "losses": [best], "peak_kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


main(*sys.argv[1:])
