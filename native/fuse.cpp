// Rewrites a frozen graph so that its convolutions and linear layers, with the activations and sums after them, run packed (packed.cpp), its channel shuffles as
// one copy (channels.cpp), its attention in blocks (attention.cpp).
#include "sconce.h"
#include "script.h"

#ifdef SCONCE_ONEDNN
#include "patterns.h"

#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <string>
#include <unordered_set>

using namespace sconce;
using torch::jit::Graph;
using torch::jit::Module;

namespace {

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
            auto layer = layer_at(node);
            if (layer && replace(*layer)) gone.insert(layer->taken.begin(), layer->taken.end());
        }
        for (auto* node : nodes) {
            if (gone.count(node)) continue;
            if (auto found = attention_at(node)) replace(*found);
        }
        torch::jit::EliminateDeadCode(graph);
        allow_other_orders();
        return static_cast<int64_t>(layers.size());
    }

    Module module() {
        Module made = module_of(graph);
        for (size_t k = 0; k < layers.size(); k++) made.register_attribute(name(k), c10::getCustomClassType<c10::intrusive_ptr<Packed>>(), layers[k]);
        return made;
    }

private:
    std::string name(size_t k) const { return "layer" + std::to_string(k); }

    // Null where this processor has no fast form of the layer: libtorch's operators stay.
    static c10::intrusive_ptr<Packed> packed_or_null(const Layer& layer) {
        try {
            return c10::make_intrusive<Packed>(layer.weight, layer.bias, layer.geometry, layer.afterwards);
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
        attribute->output()->setType(c10::getCustomClassType<c10::intrusive_ptr<Packed>>());
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
            auto first = constant_list(before->input(1));
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
            auto found = shuffle_at(node);
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
    std::vector<c10::intrusive_ptr<Packed>> layers;
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

// A frozen module whose layers run packed for this processor; it can not be saved.
SCONCE_API void* sc_module_fuse(void* module) {
    return guarded<void*>(nullptr, [&]() -> void* {
#ifdef SCONCE_ONEDNN
        Fuser fuser(static_cast<torch::jit::Module*>(module)->get_method("forward").graph()->copy());
        if (fuser.run() == 0) throw std::invalid_argument("the graph holds no layer that could be packed");
        return new torch::jit::Module(fuser.module());
#else
        throw std::runtime_error("the native part was built without oneDNN");
#endif
    });
}
