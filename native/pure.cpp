#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "patterns.h"

#include <string>
#include <unordered_set>

namespace sconce {
namespace {

bool is_one_of(const Node* node, const std::unordered_set<std::string>& names) { return names.count(node->kind().toQualString()) > 0; }

// Their results are memory of their own, and they keep no hold on what they read.
bool is_pure(const Node* node) {
    static const std::unordered_set<std::string> names{"aten::_convolution", "aten::conv2d", "aten::linear", "aten::batch_norm", "aten::layer_norm", "aten::matmul", "aten::bmm", "aten::mean", "aten::sum",
        "aten::avg_pool2d", "aten::max_pool2d", "aten::cat", "aten::add", "aten::sub", "aten::mul", "aten::div", "aten::maximum", "aten::minimum", "aten::relu", "aten::silu", "aten::sigmoid", "aten::tanh",
        "aten::gelu", "aten::hardtanh", "aten::hardswish", "aten::hardsigmoid", "aten::clamp", "aten::leaky_relu", "aten::elu", "aten::softmax", "aten::constant_pad_nd"};
    return is_one_of(node, names);
}

bool is_in_place(const Node* node) {
    static const std::unordered_set<std::string> names{"aten::add_", "aten::sub_", "aten::mul_", "aten::div_", "aten::relu_", "aten::silu_", "aten::sigmoid_", "aten::tanh_", "aten::hardtanh_", "aten::hardswish_",
        "aten::hardsigmoid_", "aten::clamp_", "aten::leaky_relu_", "aten::elu_"};
    return is_one_of(node, names);
}

// Whether only its readers by name see the value change: no view of it is held.
bool is_private(torch::jit::Value* value) {
    if (!is_pure(value->node())) return false;
    for (auto& use : value->uses()) {
        if (use.user->kind() != c10::prim::Return && !is_pure(use.user) && !(is_in_place(use.user) && use.offset == 0)) return false;
    }
    return true;
}

}  // namespace

void make_pure(torch::jit::Graph& graph) {
    std::vector<Node*> nodes(graph.nodes().begin(), graph.nodes().end());
    for (auto* node : nodes) {
        if (!is_in_place(node) || !is_private(node->input(0))) continue;
        std::string name = node->kind().toQualString();
        name.pop_back();
        torch::jit::WithInsertPoint here(node);
        auto* pure = graph.insertNode(graph.create(c10::Symbol::fromQualString(name), node->inputs()));
        pure->output()->copyMetadata(node->output());
        auto* changed = node->input(0);
        node->output()->replaceAllUsesWith(pure->output());
        node->destroy();
        changed->replaceAllUsesAfterNodeWith(pure, pure->output());
    }
}

}  // namespace sconce
#endif
