"""256 tokens of a GPT with a key-value cache (CompVis' mingpt.py, sample_with_past), the likeliest each; prints one line of JSON."""
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

from measuring import answer, elapsed

VOCABULARY, LENGTH, LAYERS, HEADS, WIDTH, TOKENS = 1024, 512, 24, 8, 512, 256


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.key, self.query, self.value = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.proj = nn.Linear(WIDTH, WIDTH)
        self.register_buffer("mask", torch.tril(torch.ones(LENGTH, LENGTH)).view(1, 1, LENGTH, LENGTH))

    def forward(self, x, past):
        n, t, _ = x.shape
        k, q, v = (layer(x).view(n, t, HEADS, -1).transpose(1, 2) for layer in (self.key, self.query, self.value))
        if past is not None:
            k, v = torch.cat((past[0], k), 2), torch.cat((past[1], v), 2)
        scores = (q @ k.transpose(-2, -1)) * (k.shape[-1] ** -0.5)
        if past is None:
            scores = scores.masked_fill(self.mask[:, :, :t, :t] == 0, float("-inf"))
        y = (F.softmax(scores, -1) @ v).transpose(1, 2).reshape(n, t, -1)
        return self.proj(y), (k, v)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2, self.attn = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH), Attention()
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x, past):
        seen, present = self.attn(self.ln1(x), past)
        x = x + seen
        return x + self.mlp(self.ln2(x)), present


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok_emb, self.pos_emb = nn.Embedding(VOCABULARY, WIDTH), nn.Parameter(torch.zeros(1, LENGTH, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.ln_f, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, VOCABULARY, bias=False)

    def forward(self, tokens, past, begin):
        x = self.tok_emb(tokens) + self.pos_emb[:, begin:begin + tokens.shape[1]]
        presents = []
        for k, block in enumerate(self.blocks):
            x, present = block(x, None if past is None else past[k])
            presents.append(present)
        return self.head(self.ln_f(x)), presents


def sample(gpt, x, count):
    drawn, past = [], None
    for k in range(count):
        logits, past = gpt(x, past, k)
        x = logits[:, -1].argmax(-1, keepdim=True)
        drawn.append(x)
    return torch.cat(drawn, 1)


batch, folder = int(sys.argv[1]), sys.argv[2]
gpt = Gpt().eval()
gpt.load_state_dict(torch.load(os.path.join(folder, "gpt.pth")))
first, found = torch.arange(batch)[:, None], {}
with torch.inference_mode():
    sample(gpt, first, 8)
    seconds = elapsed(lambda: found.update(losses=sample(gpt, first, TOKENS).flatten().tolist()))
answer(seconds, losses=[float(token) for token in found["losses"]])
