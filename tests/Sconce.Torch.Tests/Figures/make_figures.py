"""PyTorch's own answers, which the tests hold Sconce.Torch against: `python3 make_figures.py`, with PyTorch 1.13, beside this file."""
import base64
import json
import math
import pathlib

import torch

here = pathlib.Path(__file__).parent
nan, inf = math.nan, math.inf
MASK = (1 << 64) - 1


def unit(key, count):
    """The counter-based generator u(key, i) in [-1, 1): FNV-1a of the key, then SplitMix64."""
    h = 0xCBF29CE484222325
    for b in key.encode():
        h = (h ^ b) * 0x100000001B3 & MASK
    out = []
    for i in range(count):
        x = h + (i + 1) * 0x9E3779B97F4A7C15 & MASK
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
        x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
        out.append(((x ^ x >> 31) >> 40) / 2**23 - 1)
    return torch.tensor(out, dtype=torch.float64)


def write(name, rows):
    lines = ",\n".join(json.dumps(row, allow_nan=True) for row in rows)
    (here / f"{name}.json").write_text(f"[\n{lines}\n]\n")


def flat(t):
    if t.dtype == torch.bool:
        t = t.int()
    if t.is_complex():
        t = torch.view_as_real(t.resolve_conj())
    return t.contiguous().reshape(-1).tolist()


# How tensors are printed.
T = torch.tensor
printed = {
    "scalar float": T(1.0), "scalar fraction": T(1.5), "scalar int": T(7), "scalar bool": T(True), "scalar half": T(0.1, dtype=torch.float16),
    "scalar complex": T(1 + 2j), "scalar nan": T(nan), "scalar inf": T(-inf), "scalar zero": T(0.0), "scalar negative zero": T(-0.0), "scalar large": T(123456789.0),
    "integers as floats": T([[1.0, 2.0], [3.0, 4.0]]), "fractions": T([0.5, -1.25, 3.0]), "ints": T([1, -20, 300]), "int32": T([1, 2], dtype=torch.int32),
    "int16": T([[1, -2]], dtype=torch.int16), "int8": T([1, -128], dtype=torch.int8), "uint8": T([0, 255], dtype=torch.uint8), "bools": T([[True, False], [False, True]]),
    "half": T([1.0, 0.5], dtype=torch.float16), "bfloat16": T([1.0, 0.1], dtype=torch.bfloat16), "double": T([1.0, 2.5], dtype=torch.float64),
    "complex": T([1 + 2j, -3.5 - 0.25j]), "complex integers": T([[1 + 0j, 2 - 3j]]), "complex128": T([1e-3 + 2j, 4 - 5j], dtype=torch.complex128), "complex nan": T([complex(nan, 1), complex(1, -inf)]),
    "scientific by ratio": T([1.0, 10000.0]), "ratio of exactly 1000": T([1.0, 1000.0]), "scientific fractions": T([0.001, 5.5]), "scientific small": T([0.00005, 0.00007]), "just above 1e-4": T([0.00011, 0.0002]),
    "scientific large": T([2e8, 3e8]), "1e8 exactly": T([1e8]), "huge": T([1e30, 1e32]), "three digits of exponent": T([1e-200, 1e200], dtype=torch.float64), "denormal": T([1e-40]),
    "nan among fractions": T([nan, 1.5, -2.5]), "inf among integers": T([inf, 1.0, 2.0]), "all nan": T([nan, nan]), "zeros": torch.zeros(2, 3), "negative zeros": T([-0.0, 0.0]),
    "zero and large": T([0.0, 123456.0]), "minus width": T([-1.0, 1.0]), "half to even": T([0.03125, 0.09375, 0.15625]), "half to even in scientific": T([1.00005, 100003125.0], dtype=torch.float64), "thirds": T([1 / 3, 2 / 3], dtype=torch.float64),
    "empty": torch.empty(0), "empty of two dimensions": torch.empty(0, 3), "empty ints": torch.empty(0, dtype=torch.int64), "empty of three dimensions": torch.empty(2, 0, 3, dtype=torch.float64), "empty bools": torch.empty(0, 1, dtype=torch.bool),
    "three dimensions": torch.arange(24.0).reshape(2, 3, 4), "four dimensions": torch.arange(16).reshape(2, 2, 2, 2), "five dimensions": torch.arange(4).reshape(1, 2, 1, 2, 1),
    "long vector wraps": torch.arange(60.0), "long rows wrap": unit("rows", 60).float().reshape(2, 30), "long ints wrap": torch.arange(100) * 12345, "long bools wrap": torch.arange(30) % 3 == 0, "complex wraps": torch.complex(unit("re", 12).float(), unit("im", 12).float()),
    "1000 elements are shown": torch.arange(1000, dtype=torch.int16), "1001 are not": torch.arange(1001.0), "a large matrix": unit("matrix", 1200).float().reshape(40, 30), "a tall matrix": torch.arange(1400, dtype=torch.int16).reshape(200, 7), "few columns": torch.arange(1002, dtype=torch.int16).reshape(334, 3),
    "large three dimensions": torch.arange(1296, dtype=torch.int16).reshape(8, 9, 18), "hidden extremes": torch.cat([torch.ones(500), T([1e10]), torch.ones(600)]), "large complex": torch.complex(unit("re", 1100).float(), unit("im", 1100).float()), "large bools": torch.arange(1100) % 2 == 0,
    "suffix wraps": unit("suffix", 8).double() , "a long double row": T([[1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5]], dtype=torch.float64),
}
rows = []
for name, t in printed.items():
    data = t.contiguous()
    raw = (data.view(torch.int16) if data.dtype == torch.bfloat16 else data).numpy().tobytes() if data.numel() else b""
    rows.append({"name": name, "dtype": str(t.dtype)[6:], "shape": list(t.shape), "bytes": base64.b64encode(raw).decode(), "text": repr(t),
                 "grad": repr(t.clone().requires_grad_()) if t.is_floating_point() or t.is_complex() else None})
write("printing", rows)

# Indexing: the name is the Python expression.
x = torch.arange(120).reshape(2, 3, 4, 5)
v = torch.arange(10)
i = T([1, 0, 1])
j = T([[0, -1], [2, 1]])
m1 = T([True, False, True])
m2 = (torch.arange(12).reshape(3, 4) % 5) == 1
m4 = x % 7 == 3
E = Ellipsis
expressions = """x[1]|x[-1]|x[0,2]|x[0,-1,3,4]|x[:,1]|x[:,:,-1]|x[...,0]|x[0,...,1]|x[...]|x[1,...]|x[None]|x[:,None]|x[...,None]|x[None,0,None]|x[:,1:]|x[:,:-1]|x[:,1:2]|x[:,-2:]
x[:,:,::2]|x[:,:,1::2]|x[...,::3]|x[...,1:4:2]|x[:,5:]|x[:,2:1]|x[:,-9:9]|v[3:]|v[:-3]|v[2:8:3]|v[-4:-1]|v[i]|v[j]|v[-i]|v[v>4]|v[T(True)]|v[T(False)]|v[T(3)]
x[i]|x[:,i]|x[:,:,i]|x[...,i]|x[0,i]|x[i,0]|x[i,i]|x[i,:,i]|x[:,i,i]|x[:,i,:,i]|x[j%2]|x[:,j]|x[i,None]|x[:,None,i]|x[...,i,0]|x[0,...,i]|x[i,i,i,i]|x[T([[0],[1]]),T([0,2])]|x[T([[0],[1]]),:,T([0,2])]
x[:,m1]|x[...,m1,:,:]|x[:,m2]|x[0,m2]|x[m4]|x[:,m1,i[:2]]|x[:,m1,:,2]|x[1:,m2]|x[0,m1,None]|x[T([],dtype=torch.int64)]|x[:,m2&False]""".replace("\n", "|").split("|")
write("indexing", [{"name": e, "shape": list(eval(e).shape), "values": flat(eval(e))} for e in expressions])

assignments = """x[0]=v[:5]|x[:,1]=T(7)|x[...,0]=x[...,1]|x[m4]=T(-1)|x[:,m1]=T(9)|x[i[:2],i[:2]]=T(5)|x[:,:,::2]=v[:5]|x[0,1]=torch.ones(1,1,4,5,dtype=torch.int64)|x[1,...,2]=v[:4]|x[:,m2]=v[:5]|x[None,0,0,0]=v[5:]|x[0,1:1]=T(3)|x[-1,-1,-1,-1]=T(1000)""".split("|")
rows = []
for statement in assignments:
    names = {"x": x.clone(), "v": v, "i": i, "m1": m1, "m2": m2, "m4": m4, "T": T, "torch": torch}
    exec(statement, names)
    rows.append({"name": statement, "shape": list(x.shape), "values": flat(names["x"])})
write("assignment", rows)

# torch.fft.
real = unit("real", 24).reshape(4, 6)
imaginary = unit("imaginary", 24).reshape(4, 6)
inputs = {"real": real, "complex": torch.complex(real, imaginary)}
rows = []
for name in ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]:
    for kind in ["real"] if name in ("rfft", "ihfft") else ["complex"] if name in ("irfft", "hfft") else ["real", "complex"]:
        for n, dim, norm in [(None, -1, None), (5, 0, "ortho"), (9, 1, "forward"), (4, -2, "backward")]:
            rows.append({"op": name, "input": kind, "n": n, "dim": dim, "norm": norm})
for name in ["fft2", "ifft2", "rfft2", "irfft2", "hfft2", "ihfft2", "fftn", "ifftn", "rfftn", "irfftn", "hfftn", "ihfftn"]:
    for kind in ["real"] if name[:2] in ("rf", "ih") else ["complex"] if name[:2] in ("ir", "hf") else ["real", "complex"]:
        for s, dim, norm in [(None, None, None), ([3, 8], [0, 1], "ortho"), ([5, 4], [-1, 0], "forward"), (None, [1, 0], "backward")]:
            rows.append({"op": name, "input": kind, "s": s, "dims": dim, "norm": norm})
for row in rows:
    dims = {"n": row["n"], "dim": row["dim"]} if "n" in row else {"s": row["s"], **({"dim": row["dims"]} if row["dims"] else {})}
    result = getattr(torch.fft, row["op"])(inputs[row["input"]], norm=row["norm"], **dims)
    row.update(complex=result.is_complex(), shape=list(result.shape), values=flat(result))
for op, f in {"fftfreq": lambda: torch.fft.fftfreq(7, 0.5), "rfftfreq": lambda: torch.fft.rfftfreq(8, 2.0), "fftshift": lambda: torch.fft.fftshift(real), "ifftshift": lambda: torch.fft.ifftshift(real[:3, :5])}.items():
    rows.append({"op": op, "complex": False, "shape": list(f().shape), "values": flat(f())})
write("fft", rows)
