// Convolutions and linear layers of a frozen graph, and what of their surroundings they take in.
#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "patterns.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <string>

namespace sconce {
namespace {

// None is no bias; something that is neither none nor a constant vector is no layer of ours.
bool read_bias(torch::jit::Value* value, at::Tensor& bias) {
    if (value->mustBeNone()) return true;
    auto known = constant<at::Tensor>(value);
    if (!known) return false;
    bias = *known;
    return !bias.defined() || float_constant(known, 1);
}

// Plain or transposed; a transposed one's result is (size - 1) * stride + reach - before - after.
std::optional<Layer> convolution(Node* node) {
    bool raw = is(node, "aten::_convolution"), turned = is(node, "aten::conv_transpose2d");
    if (!raw && !turned && !is(node, "aten::conv2d")) return std::nullopt;
    size_t dilated = turned ? 7 : 5, grouped = raw ? 8 : 6, extended = raw ? 7 : 5;   // places of the operators' inputs
    if (raw) {
        auto known = constant<bool>(node->input(6));
        if (!known) return std::nullopt;
        turned = *known;
    }
    auto weight = constant<at::Tensor>(node->input(1));
    auto stride = constant_pair(node->input(3)), padding = constant_pair(node->input(4)), dilation = constant_pair(node->input(dilated));
    auto more = turned ? constant_pair(node->input(extended)) : std::vector<int64_t>{0, 0};
    auto groups = constant<int64_t>(node->input(grouped));
    if (!float_constant(weight, 4) || !stride || !padding || !dilation || !more || !groups) return std::nullopt;
    Layer layer{node, node->input(0), *weight, {}, {}, {}, {}, {node}};
    if (!read_bias(node->input(2), layer.bias)) return std::nullopt;
    auto& geometry = layer.geometry;
    geometry.stride = *stride;
    geometry.before = geometry.after = *padding;
    for (size_t axis = 0; axis < 2; axis++) geometry.after[axis] -= (*more)[axis];
    geometry.dilation = *dilation;
    geometry.groups = *groups;
    geometry.transposed = turned;
    return layer;
}

// libtorch's own pass folds norms into convolutions, but not into transposed ones.
void take_norm(Layer& layer, const Changing& changing) {
    auto* result = layer.last()->output();
    if (!layer.geometry.transposed || layer.geometry.groups != 1 || !only_use(result) || changing(result)) return;
    Node* next = result->uses()[0].user;
    if (next->owningBlock() != layer.node->owningBlock() || next->outputs().size() != 1 || next->inputs().empty()
        || next->input(0) != result) return;
    auto line = fixed_norm(next, layer.weight.size(1));
    if (!line) return;
    layer.bias = layer.bias.defined() ? layer.bias * line->slopes + line->starts : line->starts;
    layer.weight = layer.weight * line->slopes.view({1, -1, 1, 1});
    layer.taken.push_back(next);
}

std::optional<Layer> linear(Node* node) {
    if (!is(node, "aten::linear")) return std::nullopt;
    auto weight = constant<at::Tensor>(node->input(1));
    if (!float_constant(weight, 2)) return std::nullopt;
    Layer layer{node, node->input(0), *weight, {}, {}, {}, {}, {node}};
    if (!read_bias(node->input(2), layer.bias)) return std::nullopt;
    layer.geometry.linear = true;
    return layer;
}

// Zeros put around the picture before a convolution are its own padding.
void take_padding(Layer& layer, const Changing& changing) {
    Node* pad = layer.input->node();
    bool plain = is(pad, "aten::constant_pad_nd"), named = is(pad, "aten::pad");
    if (layer.geometry.linear || layer.geometry.transposed || !(plain || named) || !only_use(layer.input) || changing(layer.input)
        || changing(pad->input(0))) return;
    auto sizes = constant<std::vector<int64_t>>(pad->input(1));
    if (!sizes || sizes->size() != 4 || *std::min_element(sizes->begin(), sizes->end()) < 0) return;
    if (named && constant<std::string>(pad->input(2)) != "constant") return;
    auto* value = pad->input(named ? 3 : 2);
    if (!value->mustBeNone() && constant<double>(value) != 0.0) return;
    auto& geometry = layer.geometry;
    geometry.before = {geometry.before[0] + (*sizes)[2], geometry.before[1] + (*sizes)[0]};
    geometry.after = {geometry.after[0] + (*sizes)[3], geometry.after[1] + (*sizes)[1]};
    layer.input = pad->input(0);
}

// The sum of the layer's result and another tensor.
torch::jit::Value* added(Node* node, torch::jit::Value* mine) {
    if (!is(node, "aten::add") || node->inputs().size() < 3 || constant<double>(node->input(2)) != 1.0) return nullptr;
    auto* other = node->input(0) == mine ? node->input(1) : node->input(0);
    return other != mine && other->type()->kind() == c10::TypeKind::TensorType ? other : nullptr;
}

// One function that is `first`, then `second`.
std::optional<PostOperation> joined(const PostOperation& first, const PostOperation& second) {
    if (first.kind == After::Relu && second.kind == After::Relu) return first;
    if (first.kind == After::Linear && second.kind == After::Linear) {
        return PostOperation{After::Linear, first.alpha * second.alpha, first.beta * second.alpha + second.beta, first.whole
            && second.whole};
    }
    if (first.kind == After::Clamp && second.kind == After::Clamp) {
        auto bounded = [&](double x) { return std::min(std::max(x, second.alpha), second.beta); };
        return PostOperation{After::Clamp, bounded(first.alpha), bounded(first.beta), first.whole && second.whole};
    }
    return std::nullopt;
}

bool same_algorithm(After one, After other) {
    auto family = [](After kind) { return kind == After::LeakyRelu ? After::Relu : kind; };
    return family(one) == family(other);
}

// oneDNN's kernels know one pair of constants for each of their algorithms: a second clamp would be clamped as the first.
std::optional<std::vector<PostOperation>> followed(std::vector<PostOperation> all, const std::vector<PostOperation>& by) {
    for (auto& next : by) {
        if (!all.empty()) {
            if (auto both = joined(all.back(), next)) {
                all.back() = *both;
                continue;
            }
        }
        bool again = std::any_of(all.begin(), all.end(), [&](auto& each) { return same_algorithm(each.kind, next.kind); });
        if (again && next.kind != After::Add) return std::nullopt;
        all.push_back(next);
    }
    return all;
}

// They are computed where the last of them was: nothing that they read may change before.
void take_what_follows(Layer& layer, const Changing& changing) {
    if (changing(layer.input)) return;
    for (;;) {
        auto* result = layer.last()->output();
        if (!only_use(result) || changing(result)) return;
        Node* next = result->uses()[0].user;
        if (next->owningBlock() != layer.node->owningBlock() || next->kind() == c10::prim::Return || next->outputs().size() != 1) return;
        if (next->input(0) == result) {
            auto operations = activation(next);
            if (!operations.empty()) {
                auto all = followed(layer.afterwards, operations);
                if (!all) return;
                layer.afterwards = *all;
                layer.taken.push_back(next);
                continue;
            }
        }
        auto* other = added(next, result);
        if (!other || changing(other)) return;
        layer.afterwards.push_back({After::Add});
        layer.others.push_back(other);
        layer.taken.push_back(next);
    }
}

}  // namespace

// What this node does to each number; empty where it does something else.
std::vector<PostOperation> activation(Node* node) {
    if (is(node, "aten::relu")) return {{After::Relu}};
    if (is(node, "aten::relu6")) return {{After::Clamp, 0, 6}};
    if (is(node, "aten::silu")) return {{After::Silu}};
    if (is(node, "aten::sigmoid")) return {{After::Sigmoid}};
    if (is(node, "aten::tanh")) return {{After::Tanh}};
    if (is(node, "aten::hardswish")) return {{After::HardSwish}};
    if (is(node, "aten::gelu")) {
        auto form = node->inputs().size() > 1 ? constant<std::string>(node->input(1)) : std::optional<std::string>("none");
        if (form) return {{*form == "tanh" ? After::GeluTanh : After::Gelu}};
    }
    if (is(node, "aten::hardtanh") || is(node, "aten::clamp")) {
        auto from = constant<double>(node->input(1)), to = constant<double>(node->input(2));
        if (from && to) return {{After::Clamp, *from, *to, is_whole(node->input(1)) && is_whole(node->input(2))}};
    }
    if (is(node, "aten::leaky_relu")) {
        if (auto slope = number(node, 1, 0.01)) return {{After::LeakyRelu, *slope}};
    }
    if (is(node, "aten::elu")) {
        auto alpha = number(node, 1, 1), scale = number(node, 2, 1), inside = number(node, 3, 1);
        if (alpha && scale == 1.0 && inside == 1.0) return {{After::Elu, *alpha}};
    }
    if (is(node, "aten::mul")) {
        if (auto factor = constant<double>(node->input(1))) return {{After::Linear, *factor, 0, is_whole(node->input(1))}};
    }
    if (is(node, "aten::div") && node->inputs().size() == 2) {
        auto divisor = constant<double>(node->input(1));
        if (divisor && *divisor != 0) return {{After::Linear, 1 / *divisor, 0}};
    }
    if (is(node, "aten::hardsigmoid")) return {{After::Linear, 1.0 / 6, 0.5}, {After::Clamp, 0, 1}};
    bool sum = is(node, "aten::add"), difference = is(node, "aten::sub");
    if ((sum || difference) && node->inputs().size() == 3) {
        auto term = constant<double>(node->input(1)), factor = constant<double>(node->input(2));
        bool whole = is_whole(node->input(1)) && is_whole(node->input(2));
        if (term && factor) return {{After::Linear, 1, (sum ? 1 : -1) * *term * *factor, whole}};
    }
    return {};
}

std::optional<Layer> layer_at(Node* node, const Changing& changing) {
    auto layer = convolution(node);
    if (!layer) layer = linear(node);
    if (!layer) return std::nullopt;
    take_padding(*layer, changing);
    if (!changing(layer->input)) take_norm(*layer, changing);
    take_what_follows(*layer, changing);
    return layer;
}

}  // namespace sconce
#endif
