// Norms and joined channels that packed graphs (fuse.cpp) have kernels of their own for.
#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "patterns.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace sconce {
namespace {

// Channels of a tensor, one after the other.
struct Channels {
    torch::jit::Value* of;
    int64_t start, count;
};

std::optional<Channels> channels(torch::jit::Value* value) {
    Node* node = value->node();
    bool narrow = is(node, "aten::narrow"), slice = is(node, "aten::slice");
    if (!(narrow || slice) || constant<int64_t>(node->input(1)) != 1) return std::nullopt;
    auto start = constant<int64_t>(node->input(2)), end = constant<int64_t>(node->input(3));
    if (!start || !end || *start < 0 || *end < 0) return std::nullopt;
    if (slice && constant<int64_t>(node->input(4)) != 1) return std::nullopt;
    return Channels{node->input(0), *start, slice ? *end - *start : *end};
}

}  // namespace

std::optional<FixedNorm> fixed_norm(Node* node, int64_t channels) {
    if (!is(node, "aten::batch_norm") || constant<bool>(node->input(5)) != false || node->input(3)->mustBeNone()
        || node->input(4)->mustBeNone()) return std::nullopt;
    auto weight = float_vector(node->input(1), channels, 1), bias = float_vector(node->input(2), channels, 0),
        mean = float_vector(node->input(3), channels, 0), variance = float_vector(node->input(4), channels, 1);
    auto eps = constant<double>(node->input(7));
    if (!weight || !bias || !mean || !variance || !eps) return std::nullopt;
    at::Tensor slopes = *weight / (*variance + *eps).sqrt();
    return FixedNorm{slopes, *bias - *mean * slopes};
}

std::optional<Norms> norms_at(Node* cat, const Changing& changing) {
    if (!joins_channels(cat, changing)) return std::nullopt;
    Node* list = cat->input(0)->node();
    if (list->kind() != c10::prim::ListConstruct || list->inputs().size() != 2) return std::nullopt;
    Node *batch = list->input(0)->node(), *instance = list->input(1)->node();
    if (!is(batch, "aten::batch_norm") || !is(instance, "aten::instance_norm")) return std::nullopt;
    auto fixed = channels(batch->input(0)), free = channels(instance->input(0));
    if (!fixed || !free || fixed->of != free->of || fixed->start != 0 || free->start != fixed->count || fixed->count <= 0
        || free->count <= 0) return std::nullopt;
    for (auto* value : {fixed->of, batch->input(0), instance->input(0), list->input(0), list->input(1), cat->output()}) {
        if (changing(value)) return std::nullopt;
    }
    if (constant<bool>(instance->input(5)) != true || !instance->input(3)->mustBeNone()
        || !instance->input(4)->mustBeNone()) return std::nullopt;
    auto line = fixed_norm(batch, fixed->count);
    auto own_weight = float_vector(instance->input(1), free->count, 1), own_bias = float_vector(instance->input(2), free->count, 0);
    auto own_eps = constant<double>(instance->input(7));
    if (!line || !own_weight || !own_bias || !own_eps) return std::nullopt;
    Norms found{fixed->of, at::cat({line->slopes, *own_weight}), at::cat({line->starts, *own_bias}), fixed->count, *own_eps, false, cat};
    if (cat->output()->uses().size() == 1) {
        Node* next = cat->output()->uses()[0].user;
        if (is(next, "aten::relu") && next->owningBlock() == cat->owningBlock() && !changing(next->output())) {
            found.relu = true;
            found.last = next;
        }
    }
    return found;
}

bool joins_channels(Node* node, const Changing& changing) {
    return is(node, "aten::cat") && node->inputs().size() == 2 && constant<int64_t>(node->input(1)) == 1 && !changing(node->output());
}

}  // namespace sconce
#endif
