#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "patterns.h"

#include <ATen/TensorOperators.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace sconce {
namespace {

// A tensor that an operator treats as the number in it: none of 64 bits, which would make the result of 64 bits, unless it was written as a
// number.
bool is_plain_number(const at::Tensor& tensor) {
    if (!tensor.defined() || tensor.dim() != 0) return false;
    bool written = tensor.unsafeGetTensorImpl()->is_wrapped_number();
    return written || tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kLong;
}

template <typename T>
std::optional<T> constant(torch::jit::Value* value) {
    auto known = torch::jit::toIValue(value);
    if (!known) return std::nullopt;
    if constexpr (std::is_same_v<T, at::Tensor>) {
        if (known->isTensor()) return known->toTensor();
    } else if constexpr (std::is_same_v<T, double>) {
        if (known->isScalar() && !known->isComplexDouble()) return known->toScalar().toDouble();
        if (known->isTensor() && is_plain_number(known->toTensor())) return known->toTensor().item<double>();
    } else if constexpr (std::is_same_v<T, int64_t>) {
        if (known->isInt()) return known->toInt();
    } else if constexpr (std::is_same_v<T, bool>) {
        if (known->isBool()) return known->toBool();
    } else if constexpr (std::is_same_v<T, std::vector<int64_t>>) {
        if (known->isIntList()) return known->toIntVector();
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (known->isString()) return known->toStringRef();
    }
    return std::nullopt;
}

// Whether it is a whole number, small enough that 64 bits of a fraction hold it.
bool is_whole(torch::jit::Value* value) {
    auto known = torch::jit::toIValue(value);
    if (!known || !constant<double>(value)) return false;
    bool integer = known->isTensor() ? known->toTensor().scalar_type() == at::kLong : known->toScalar().isIntegral(false);
    return integer && std::abs(*constant<double>(value)) <= 9007199254740992.0;
}

bool only_use(torch::jit::Value* value) { return value->uses().size() == 1; }

std::optional<double> number(Node* node, size_t input, double fallback) { return node->inputs().size() > input ? constant<double>(node->input(input)) : fallback; }

bool float_constant(const std::optional<at::Tensor>& tensor, int64_t dimensions) {
    return tensor && tensor->defined() && tensor->scalar_type() == at::kFloat && tensor->dim() == dimensions && tensor->device().is_cpu();
}

// None is no bias; something that is neither none nor a constant vector is no layer of ours.
bool read_bias(torch::jit::Value* value, at::Tensor& bias) {
    if (value->mustBeNone()) return true;
    auto known = constant<at::Tensor>(value);
    if (!known) return false;
    bias = *known;
    return !bias.defined() || float_constant(known, 1);
}

std::optional<Layer> convolution(Node* node) {
    bool raw = is(node, "aten::_convolution");
    if (!raw && !is(node, "aten::conv2d")) return std::nullopt;
    auto weight = constant<at::Tensor>(node->input(1));
    auto stride = constant<std::vector<int64_t>>(node->input(3)), padding = constant<std::vector<int64_t>>(node->input(4)), dilation = constant<std::vector<int64_t>>(node->input(5));
    auto groups = constant<int64_t>(node->input(raw ? 8 : 6));
    if (!float_constant(weight, 4) || !stride || !padding || !dilation || !groups) return std::nullopt;
    if (raw && constant<bool>(node->input(6)).value_or(true)) return std::nullopt;   // transposed
    auto pair = [](std::vector<int64_t> sizes) { return sizes.size() == 1 ? std::vector<int64_t>{sizes[0], sizes[0]} : sizes; };
    Layer layer{node, node->input(0), *weight, {}, {}, {}, {}, {node}};
    if (!read_bias(node->input(2), layer.bias)) return std::nullopt;
    layer.geometry.stride = pair(*stride);
    layer.geometry.before = layer.geometry.after = pair(*padding);
    layer.geometry.dilation = pair(*dilation);
    layer.geometry.groups = *groups;
    return layer;
}

// A result's size is (size - 1) * stride + reach - before - after.
std::optional<Layer> transposed(Node* node) {
    bool raw = is(node, "aten::_convolution");
    if (!raw && !is(node, "aten::conv_transpose2d")) return std::nullopt;
    if (raw && constant<bool>(node->input(6)) != true) return std::nullopt;
    auto weight = constant<at::Tensor>(node->input(1));
    auto stride = constant<std::vector<int64_t>>(node->input(3)), padding = constant<std::vector<int64_t>>(node->input(4));
    auto dilation = constant<std::vector<int64_t>>(node->input(raw ? 5 : 7));
    auto more = constant<std::vector<int64_t>>(node->input(raw ? 7 : 5));
    auto groups = constant<int64_t>(node->input(raw ? 8 : 6));
    if (!float_constant(weight, 4) || !stride || !padding || !dilation || !more || !groups) return std::nullopt;
    auto pair = [](std::vector<int64_t> sizes) { return sizes.size() == 1 ? std::vector<int64_t>{sizes[0], sizes[0]} : sizes; };
    Layer layer{node, node->input(0), *weight, {}, {}, {}, {}, {node}};
    if (!read_bias(node->input(2), layer.bias)) return std::nullopt;
    layer.geometry.stride = pair(*stride);
    layer.geometry.before = layer.geometry.after = pair(*padding);
    for (size_t axis = 0; axis < 2; axis++) layer.geometry.after[axis] -= pair(*more)[axis];
    layer.geometry.dilation = pair(*dilation);
    layer.geometry.groups = *groups;
    layer.geometry.transposed = true;
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

using PostOperations = std::vector<PostOperation>;

// What this node does to each number; empty where it does something else.
PostOperations activation(Node* node) {
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
std::optional<PostOperations> followed(PostOperations all, const PostOperations& by) {
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

bool is(const Node* node, const char* name) { return node->kind() == c10::Symbol::fromQualString(name); }

std::optional<std::vector<int64_t>> constant_list(torch::jit::Value* value) { return constant<std::vector<int64_t>>(value); }

std::optional<Layer> layer_at(Node* node, const Changing& changing) {
    auto layer = convolution(node);
    if (!layer) layer = linear(node);
    if (!layer) layer = transposed(node);
    if (!layer) return std::nullopt;
    take_padding(*layer, changing);
    if (!changing(layer->input)) take_norm(*layer, changing);
    take_what_follows(*layer, changing);
    return layer;
}

std::optional<Reordering> shuffle_at(Node* last, const Changing& changing) {
    if (!is(last, "aten::reshape")) return std::nullopt;
    Node* middle = last->input(0)->node();
    if (!is(middle, "aten::transpose") || !only_use(middle->output())) return std::nullopt;
    Node* first = middle->input(0)->node();
    if (!is(first, "aten::reshape") || !only_use(first->output()) || changing(first->input(0))
        || changing(last->output())) return std::nullopt;
    auto split = constant<std::vector<int64_t>>(first->input(1)), joined = constant<std::vector<int64_t>>(last->input(1));
    auto one = constant<int64_t>(middle->input(1)), other = constant<int64_t>(middle->input(2));
    if (!split || !joined || split->size() != 5 || joined->size() != 4 || !one || !other || std::min(*one, *other) != 1 || std::max(*one, *other) != 2) return std::nullopt;
    auto &s = *split, &j = *joined;
    if (s[0] != j[0] || s[1] <= 0 || s[2] <= 0 || s[1] * s[2] != j[1] || s[3] != j[2] || s[4] != j[3]) return std::nullopt;
    Reordering found{first->input(0), {}};
    for (int64_t q = 0; q < s[2]; q++) {
        for (int64_t p = 0; p < s[1]; p++) found.index.push_back(p * s[2] + q);
    }
    return found;
}

namespace {

bool is_product(Node* node) { return is(node, "aten::matmul") || is(node, "aten::bmm"); }

// Keys as they were before their last two dimensions changed places. A frozen graph knows no ranks: a batch of products has 3 dimensions, others 4 where
// they are counted from the front; what else there may be, the kernel refuses.
torch::jit::Value* before_transposition(torch::jit::Value* value, int64_t dimensions) {
    Node* node = value->node();
    if (!is(node, "aten::transpose")) return nullptr;
    auto one = constant<int64_t>(node->input(1)), other = constant<int64_t>(node->input(2));
    if (!one || !other) return nullptr;
    auto counted = [&](int64_t k) { return k < 0 ? k + dimensions : k; };
    int64_t low = std::min(counted(*one), counted(*other)), high = std::max(counted(*one), counted(*other));
    return low == dimensions - 2 && high == dimensions - 1 ? node->input(0) : nullptr;
}

}  // namespace

std::optional<Attention> attention_at(Node* softmax, const Changing& changing) {
    if (!is(softmax, "aten::softmax") || !only_use(softmax->output()) || !softmax->input(2)->mustBeNone()) return std::nullopt;
    Node* last = softmax->output()->uses()[0].user;
    auto along = constant<int64_t>(softmax->input(1));
    if (!is_product(last) || last->input(0) != softmax->output() || !along) return std::nullopt;
    int64_t dimensions = is(last, "aten::bmm") ? 3 : 4;
    if (*along != -1 && *along != dimensions - 1) return std::nullopt;
    double scale = 1;
    auto* scores = softmax->input(0);
    if (changing(softmax->output())) return std::nullopt;
    while (only_use(scores) && !changing(scores)) {
        Node* node = scores->node();
        if (is(node, "aten::mul") || is(node, "aten::div")) {
            auto factor = constant<double>(node->input(1));
            if (!factor || *factor == 0) return std::nullopt;
            scale *= is(node, "aten::mul") ? *factor : 1 / *factor;
            scores = node->input(0);
            continue;
        }
        bool sum = is(node, "aten::baddbmm");
        if (!sum && !is_product(node)) return std::nullopt;
        if (sum && constant<double>(node->input(3)) != 0.0) return std::nullopt;
        auto factor = sum ? constant<double>(node->input(4)) : 1.0;
        auto *query = node->input(sum ? 1 : 0), *key = before_transposition(node->input(sum ? 2 : 1), dimensions);
        if (!factor || !key || changing(query) || changing(key) || changing(last->input(1))) return std::nullopt;
        return Attention{query, key, last->input(1), scale * *factor, last};
    }
    return std::nullopt;
}

namespace {

// Each number once: an order of things.
bool is_order(std::vector<int64_t> index) {
    std::sort(index.begin(), index.end());
    for (size_t k = 0; k < index.size(); k++) {
        if (index[k] != static_cast<int64_t>(k)) return false;
    }
    return !index.empty();
}

std::optional<std::vector<int64_t>> order_of_channels(Node* node) {
    std::optional<std::vector<int64_t>> index;
    if (is(node, "sconce::channels")) {
        index = constant_list(node->input(1));
    } else if (is(node, "aten::index_select") && constant<int64_t>(node->input(1)) == 1) {
        auto known = constant<at::Tensor>(node->input(2));
        if (known && known->defined() && known->scalar_type() == at::kLong && known->dim() == 1) index = std::vector<int64_t>(known->data_ptr<int64_t>(), known->data_ptr<int64_t>() + known->numel());
    }
    return index && is_order(*index) ? index : std::nullopt;
}

std::optional<Combine> combination(Node* node) {
    auto tensor = [](torch::jit::Value* value) { return value->type()->kind() == c10::TypeKind::TensorType; };
    if (node->inputs().size() < 2 || !tensor(node->input(0)) || !tensor(node->input(1))) return std::nullopt;
    bool sum = is(node, "aten::add"), difference = is(node, "aten::sub");
    if (sum || difference) {
        if (node->inputs().size() != 3 || constant<double>(node->input(2)) != 1.0) return std::nullopt;
        return sum ? Combine::Add : Combine::Subtract;
    }
    if (is(node, "aten::mul")) return Combine::Multiply;
    if (is(node, "aten::div") && node->inputs().size() == 2) return Combine::Divide;
    if (is(node, "aten::maximum")) return Combine::Maximum;
    if (is(node, "aten::minimum")) return Combine::Minimum;
    return std::nullopt;
}

}  // namespace

std::optional<Elementwise> elementwise_at(Node* node, const Changing& changing) {
    using Kind = Instruction::Kind;
    if (node->outputs().size() != 1 || node->inputs().empty() || changing(node->output())) return std::nullopt;
    for (auto* input : node->inputs()) {
        if (changing(input)) return std::nullopt;
    }
    if (auto index = order_of_channels(node)) return Elementwise{node->input(0), nullptr, {{Kind::Channels, 0, 0, {After::Relu}, Combine::Add, *index}}};
    Elementwise found{node->input(0), nullptr, {}};
    for (auto& operation : activation(node)) {
        if (operation.kind == After::Elu) return std::nullopt;
        found.instructions.push_back({Kind::Function, 0, 0, operation, Combine::Add, {}});
    }
    if (!found.instructions.empty()) return found;
    auto combine = combination(node);
    if (!combine) return std::nullopt;
    return Elementwise{node->input(0), node->input(1), {{Kind::Combination, 0, 0, {After::Relu}, *combine, {}}}};
}

}  // namespace sconce
#endif
