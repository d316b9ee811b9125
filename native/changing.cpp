#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "patterns.h"

#include <torch/csrc/jit/ir/alias_analysis.h>

namespace sconce {
namespace {

void collect(torch::jit::AliasDb& aliases, at::ArrayRef<torch::jit::Value*> from, std::unordered_set<torch::jit::Value*>& to) {
    for (auto* value : from) {
        if (aliases.hasWriters(value)) to.insert(value);
    }
}

void collect(torch::jit::AliasDb& aliases, torch::jit::Block* block, std::unordered_set<torch::jit::Value*>& to) {
    collect(aliases, block->inputs(), to);
    for (auto* node : block->nodes()) {
        collect(aliases, node->outputs(), to);
        for (auto* inner : node->blocks()) collect(aliases, inner, to);
    }
}

}  // namespace

Changing::Changing(const std::shared_ptr<torch::jit::Graph>& graph) {
    torch::jit::AliasDb aliases(graph);
    collect(aliases, graph->block(), values);
}

}  // namespace sconce
#endif
