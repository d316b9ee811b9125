// Rewrites a frozen graph so that its convolutions and linear layers, with the activations and sums after them, run packed (packed.cpp).
#include "sconce.h"
#include "script.h"

#ifdef SCONCE_ONEDNN
#include "packed.h"

#include <algorithm>

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <limits>
#include <optional>

using sconce::After;
using sconce::Geometry;
using sconce::PostOperation;
using torch::jit::Graph;
using torch::jit::Module;
using torch::jit::Node;

namespace {

template <typename T>
std::optional<T> constant(torch::jit::Value* value) {
    auto known = torch::jit::toIValue(value);
    if (!known) return std::nullopt;
    if constexpr (std::is_same_v<T, at::Tensor>) {
        if (known->isTensor()) return known->toTensor();
    } else if constexpr (std::is_same_v<T, double>) {
        if (known->isScalar() && !known->isComplexDouble()) return known->toScalar().toDouble();
        if (known->isTensor() && known->toTensor().numel() == 1 && known->toTensor().dim() == 0) return known->toTensor().item<double>();
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

bool only_use(torch::jit::Value* value) { return value->uses().size() == 1; }

bool is(const Node* node, const char* name) { return node->kind() == c10::Symbol::fromQualString(name); }

std::optional<double> number(Node* node, size_t input, double fallback) { return node->inputs().size() > input ? constant<double>(node->input(input)) : fallback; }

// A layer found in the graph, and what of its surroundings it takes in.
struct Layer {
    Node* node;
    torch::jit::Value* input;
    at::Tensor weight, bias;
    Geometry geometry;
    std::vector<PostOperation> afterwards;
    std::vector<torch::jit::Value*> others;
    std::vector<Node*> taken;   // nodes that it stands for, itself first

    Node* last() const { return taken.back(); }
};

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
void take_padding(Layer& layer) {
    Node* pad = layer.input->node();
    bool plain = is(pad, "aten::constant_pad_nd"), named = is(pad, "aten::pad");
    if (layer.geometry.linear || !(plain || named) || layer.input->uses().size() != 1) return;
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
        if (from && to) return {{After::Clamp, *from, *to}};
    }
    if (is(node, "aten::leaky_relu")) {
        if (auto slope = number(node, 1, 0.01)) return {{After::LeakyRelu, *slope}};
    }
    if (is(node, "aten::elu")) {
        auto alpha = number(node, 1, 1), scale = number(node, 2, 1), inside = number(node, 3, 1);
        if (alpha && scale == 1.0 && inside == 1.0) return {{After::Elu, *alpha}};
    }
    if (is(node, "aten::mul")) {
        if (auto factor = constant<double>(node->input(1))) return {{After::Linear, *factor, 0}};
    }
    if (is(node, "aten::div") && node->inputs().size() == 2) {
        auto divisor = constant<double>(node->input(1));
        if (divisor && *divisor != 0) return {{After::Linear, 1 / *divisor, 0}};
    }
    if (is(node, "aten::hardsigmoid")) return {{After::Linear, 1.0 / 6, 0.5}, {After::Clamp, 0, 1}};
    bool sum = is(node, "aten::add"), difference = is(node, "aten::sub");
    if ((sum || difference) && node->inputs().size() == 3) {
        auto term = constant<double>(node->input(1)), factor = constant<double>(node->input(2));
        if (term && factor) return {{After::Linear, 1, (sum ? 1 : -1) * *term * *factor}};
    }
    return {};
}

// The sum of the layer's result and another tensor.
torch::jit::Value* added(Node* node, torch::jit::Value* mine) {
    if (!is(node, "aten::add") || node->inputs().size() < 3 || constant<double>(node->input(2)) != 1.0) return nullptr;
    auto* other = node->input(0) == mine ? node->input(1) : node->input(0);
    return other != mine && other->type()->kind() == c10::TypeKind::TensorType ? other : nullptr;
}

void take_what_follows(Layer& layer) {
    for (;;) {
        auto* result = layer.last()->output();
        if (result->uses().size() != 1) return;
        Node* next = result->uses()[0].user;
        if (next->owningBlock() != layer.node->owningBlock() || next->kind() == c10::prim::Return || next->outputs().size() != 1) return;
        if (next->input(0) == result) {
            auto operations = activation(next);
            if (!operations.empty()) {
                layer.afterwards.insert(layer.afterwards.end(), operations.begin(), operations.end());
                layer.taken.push_back(next);
                continue;
            }
        }
        auto* other = added(next, result);
        if (!other) return;
        layer.afterwards.push_back({After::Add});
        layer.others.push_back(other);
        layer.taken.push_back(next);
    }
}

// Channels taken in another order by two reshapes around a transposition (a shuffle), or by number. Empty where the node does something else.
struct Reordering {
    torch::jit::Value* input;
    std::vector<int64_t> index;
};

std::optional<Reordering> shuffle(Node* last) {
    if (!is(last, "aten::reshape")) return std::nullopt;
    Node* middle = last->input(0)->node();
    if (!is(middle, "aten::transpose") || !only_use(middle->output())) return std::nullopt;
    Node* first = middle->input(0)->node();
    if (!is(first, "aten::reshape") || !only_use(first->output())) return std::nullopt;
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

// Attention: the softmax of scaled products of queries and keys, times values. Null where the softmax stands for something else.
struct Attention {
    torch::jit::Value *query, *key, *value;
    double scale;
    Node* last;
};

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

std::optional<Attention> attention(Node* softmax) {
    if (!is(softmax, "aten::softmax") || !only_use(softmax->output()) || !softmax->input(2)->mustBeNone()) return std::nullopt;
    Node* last = softmax->output()->uses()[0].user;
    auto along = constant<int64_t>(softmax->input(1));
    if (!is_product(last) || last->input(0) != softmax->output() || !along) return std::nullopt;
    int64_t dimensions = is(last, "aten::bmm") ? 3 : 4;
    if (*along != -1 && *along != dimensions - 1) return std::nullopt;
    double scale = 1;
    auto* scores = softmax->input(0);
    while (only_use(scores)) {
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
        if (!factor || !key) return std::nullopt;
        return Attention{query, key, last->input(1), scale * *factor, last};
    }
    return std::nullopt;
}

class Fuser {
public:
    explicit Fuser(const std::shared_ptr<Graph>& graph) : graph(graph) {}

    // Gives how many layers run packed now.
    int64_t run() {
        torch::jit::Inline(*graph);
        torch::jit::RemoveTensorMutation(graph);
        torch::jit::ConstantPropagation(graph);
        reorder_channels();
        std::vector<Node*> nodes(graph->nodes().begin(), graph->nodes().end());
        std::unordered_set<Node*> gone;
        for (auto* node : nodes) {
            if (gone.count(node)) continue;
            auto layer = convolution(node);
            if (!layer) layer = linear(node);
            if (!layer) continue;
            take_padding(*layer);
            take_what_follows(*layer);
            if (replace(*layer)) gone.insert(layer->taken.begin(), layer->taken.end());
        }
        for (auto* node : nodes) {
            if (gone.count(node)) continue;
            if (auto found = attention(node)) replace(*found);
        }
        torch::jit::EliminateDeadCode(graph);
        allow_other_orders();
        return static_cast<int64_t>(layers.size());
    }

    Module module() {
        Module made = module_of(graph);
        for (size_t k = 0; k < layers.size(); k++) made.register_attribute(name(k), c10::getCustomClassType<c10::intrusive_ptr<sconce::Packed>>(), layers[k]);
        return made;
    }

private:
    std::string name(size_t k) const { return "layer" + std::to_string(k); }

    // Null where this processor has no fast form of the layer: libtorch's operators stay.
    static c10::intrusive_ptr<sconce::Packed> packed_or_null(const Layer& layer) {
        try {
            return c10::make_intrusive<sconce::Packed>(layer.weight, layer.bias, layer.geometry, layer.afterwards);
        } catch (const std::exception&) {
            return {};
        }
    }

    // Several filters for each channel: one for each of a channel's copies.
    static std::vector<int64_t> copies(const Layer& layer) {
        int64_t inputs = layer.weight.size(1) * layer.geometry.groups, outputs = layer.weight.size(0);
        if (layer.geometry.linear || layer.weight.size(1) != 1 || outputs == inputs || outputs % inputs != 0) return {};
        std::vector<int64_t> index;
        for (int64_t k = 0; k < outputs; k++) index.push_back(k / (outputs / inputs));
        return index;
    }

    bool replace(Layer& layer) {
        torch::jit::WithInsertPoint here(layer.last());
        auto packed = packed_or_null(layer);
        auto index = copies(layer);
        if (!packed && !index.empty()) {
            layer.geometry.groups = layer.weight.size(0);
            packed = packed_or_null(layer);
            if (packed) layer.input = reordered({layer.input, index});
        }
        if (!packed) return false;
        auto* attribute = graph->create(c10::prim::GetAttr, {graph->inputs()[0]});
        attribute->s_(c10::attr::name, name(layers.size()));
        attribute->output()->setType(c10::getCustomClassType<c10::intrusive_ptr<sconce::Packed>>());
        graph->insertNode(attribute);
        auto* others = graph->insertNode(graph->createList(c10::TensorType::get(), layer.others));
        auto* run = graph->create(c10::Symbol::fromQualString("sconce::packed"), {layer.input, attribute->output(), others->output()});
        graph->insertNode(run);
        run->output()->setType(c10::TensorType::get());
        layer.last()->output()->replaceAllUsesWith(run->output());
        layers.push_back(packed);
        return true;
    }

    // One reordering for each chain of them.
    torch::jit::Value* reordered(Reordering wanted) {
        Node* before = wanted.input->node();
        if (is(before, "sconce::channels")) {
            auto first = constant<std::vector<int64_t>>(before->input(1));
            for (int64_t& k : wanted.index) k = first->at(static_cast<size_t>(k));
            wanted.input = before->input(0);
        }
        auto* run = graph->insertNode(graph->create(c10::Symbol::fromQualString("sconce::channels"), {wanted.input, graph->insertConstant(wanted.index)}));
        run->output()->setType(c10::TensorType::get());
        return run->output();
    }

    void reorder_channels() {
        std::vector<Node*> nodes(graph->nodes().begin(), graph->nodes().end());
        for (auto* node : nodes) {
            auto found = shuffle(node);
            if (!found) continue;
            torch::jit::WithInsertPoint here(node);
            node->output()->replaceAllUsesWith(reordered(*found));
        }
    }

    void replace(const Attention& found) {
        torch::jit::WithInsertPoint here(found.last);
        auto* run = graph->insertNode(graph->create(c10::Symbol::fromQualString("sconce::attention"), {found.query, found.key, found.value, graph->insertConstant(found.scale)}));
        run->output()->setType(c10::TensorType::get());
        found.last->output()->replaceAllUsesWith(run->output());
    }

    // A view asks for an order of its tensor's memory that channels-last has not.
    void allow_other_orders() {
        std::vector<Node*> views;
        for (auto* node : graph->nodes()) {
            if (is(node, "aten::view") && node->inputs().size() == 2 && node->input(1)->type()->isSubtypeOf(*c10::ListType::ofInts())) views.push_back(node);
        }
        for (auto* view : views) {
            torch::jit::WithInsertPoint here(view);
            auto* reshape = graph->insertNode(graph->create(c10::aten::reshape, {view->input(0), view->input(1)}));
            reshape->output()->copyMetadata(view->output());
            view->output()->replaceAllUsesWith(reshape->output());
            view->destroy();
        }
    }

    std::shared_ptr<Graph> graph;
    std::vector<c10::intrusive_ptr<sconce::Packed>> layers;
};

}  // namespace
#endif

// Whether this build can pack layers.
SCONCE_API int32_t sc_can_fuse() {
#ifdef SCONCE_ONEDNN
    return 1;
#else
    return 0;
#endif
}

// A frozen module whose layers run packed for this processor; it can not be saved. Null without an error: it has no layer of that kind.
SCONCE_API void* sc_module_fuse(void* module) {
    return guarded<void*>(nullptr, [&]() -> void* {
#ifdef SCONCE_ONEDNN
        Fuser fuser(static_cast<Module*>(module)->get_method("forward").graph()->copy());
        if (fuser.run() == 0) throw std::invalid_argument("the graph holds no layer that could be packed");
        return new Module(fuser.module());
#else
        throw std::runtime_error("the native part was built without oneDNN");
#endif
    });
}
