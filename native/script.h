// What the files about TorchScript share.
#pragma once
#include <torch/csrc/jit/api/module.h>

// A module whose `forward` is this graph; its first input is the module itself.
torch::jit::Module module_of(std::shared_ptr<torch::jit::Graph> graph);
