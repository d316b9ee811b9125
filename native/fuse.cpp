// Rewrites a frozen graph so that its convolutions and linear layers, with the activations and sums after them, run packed (packed.cpp), its channel shuffles as
// one copy (channels.cpp), norms side by side as one pass (norms.cpp), channels behind one another without losing their order (join.cpp),
// its attention in blocks (attention.cpp), its first layers few pictures at a time (pictures.cpp), what is left of operators on single
// numbers together (pointwise.cpp).
#include "sconce.h"
#include "script.h"

#ifdef SCONCE_ONEDNN
#include "patterns.h"
#include "picture_run.h"

#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

using namespace sconce;
using torch::jit::Graph;
using torch::jit::Module;

namespace {

class Fuser {
public:
    explicit Fuser(const std::shared_ptr<Graph>& graph) : graph(graph) {}

    // Gives how many nodes run in forms of our own now.
    int64_t run() {
        torch::jit::Inline(*graph);
        torch::jit::RemoveTensorMutation(graph);
        make_pure(*graph);
        torch::jit::ConstantPropagation(graph);
        changing = std::make_unique<Changing>(graph);
        reorder_channels();
        replace_norms();
        std::vector<Node*> nodes(graph->nodes().begin(), graph->nodes().end());
        std::unordered_set<Node*> gone;
        for (auto* node : nodes) {
            if (gone.count(node)) continue;
            auto layer = layer_at(node, *changing);
            if (layer && replace(*layer)) gone.insert(layer->taken.begin(), layer->taken.end());
        }
        for (auto* node : nodes) {
            if (gone.count(node)) continue;
            if (auto found = attention_at(node, *changing)) replace(*found);
        }
        torch::jit::EliminateDeadCode(graph);
        changing = std::make_unique<Changing>(graph);
        join_elementwise();
        join_channels();
        allow_other_orders();
        run_pictures_apart();
        return static_cast<int64_t>(layers.size() + programs.size()) + norms;
    }

    // What was left to libtorch, and why: one line a reason.
    std::string left() const {
        std::string text;
        for (auto& [reason, count] : reasons) text += (text.empty() ? "" : "\n") + std::to_string(count)
            + (count == 1 ? " layer: " : " layers: ") + reason;
        return text;
    }

    Module module() {
        Module made = module_of(graph);
        for (size_t k = 0; k < layers.size(); k++) made.register_attribute("layer" + std::to_string(k), c10::getCustomClassType<c10::intrusive_ptr<Packed>>(), layers[k]);
        for (size_t k = 0; k < programs.size(); k++) made.register_attribute("program" + std::to_string(k), c10::getCustomClassType<c10::intrusive_ptr<Pointwise>>(), programs[k]);
        if (pictures) made.register_attribute("pictures", c10::getCustomClassType<c10::intrusive_ptr<Pictures>>(), pictures);
        return made;
    }

private:
    // The module's own part of this name, where nodes are inserted now.
    template <typename T>
    torch::jit::Value* part(const std::string& name) {
        auto* attribute = graph->insertNode(graph->create(c10::prim::GetAttr, {graph->inputs()[0]}));
        attribute->s_(c10::attr::name, name);
        attribute->output()->setType(c10::getCustomClassType<c10::intrusive_ptr<T>>());
        return attribute->output();
    }

    torch::jit::Value* tensors(const std::vector<torch::jit::Value*>& values) { return graph->insertNode(graph->createList(c10::TensorType::get(), values))->output(); }

    void stands_for(torch::jit::Value* before, torch::jit::Value* now) {
        changing->renamed(before, now);
        before->replaceAllUsesWith(now);
    }

    // The result of an operator of ours.
    torch::jit::Value* call(const char* name, std::initializer_list<torch::jit::Value*> inputs) {
        auto* node = graph->insertNode(graph->create(c10::Symbol::fromQualString(name), inputs));
        node->output()->setType(c10::TensorType::get());
        return node->output();
    }

    // Null where this processor has no fast form of the layer: libtorch's operators stay.
    static c10::intrusive_ptr<Packed> packed_or_null(const Layer& layer, std::string& reason) {
        try {
            return c10::make_intrusive<Packed>(layer.weight, layer.bias, layer.geometry, layer.afterwards);
        } catch (const NoFastForm& none) {
            reason = none.what();
            return {};
        }
    }

    // Several filters for each channel: one for each of a channel's copies.
    static std::vector<int64_t> copies(const Layer& layer) {
        if (layer.geometry.transposed) return {};
        int64_t inputs = layer.weight.size(1) * layer.geometry.groups, outputs = layer.weight.size(0);
        if (layer.geometry.linear || layer.weight.size(1) != 1 || outputs == inputs || outputs % inputs != 0) return {};
        std::vector<int64_t> index;
        for (int64_t k = 0; k < outputs; k++) index.push_back(k / (outputs / inputs));
        return index;
    }

    bool replace(Layer& layer) {
        torch::jit::WithInsertPoint here(layer.last());
        std::string reason;
        auto packed = packed_or_null(layer, reason);
        auto index = copies(layer);
        if (!packed && !index.empty()) {
            layer.geometry.groups = layer.weight.size(0);
            packed = packed_or_null(layer, reason);
            if (packed) layer.input = reordered({layer.input, index});
        }
        if (!packed) {
            reasons[reason]++;
            return false;
        }
        auto* run = call("sconce::packed", {layer.input, part<Packed>("layer" + std::to_string(layers.size())), tensors(layer.others)});
        stands_for(layer.last()->output(), run);
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
        return call("sconce::channels", {wanted.input, graph->insertConstant(wanted.index)});
    }

    void reorder_channels() {
        std::vector<Node*> nodes(graph->nodes().begin(), graph->nodes().end());
        for (auto* node : nodes) {
            auto found = shuffle_at(node, *changing);
            if (!found) continue;
            torch::jit::WithInsertPoint here(node);
            stands_for(node->output(), reordered(*found));
        }
    }

    void replace_norms() {
        std::vector<Node*> nodes(graph->nodes().begin(), graph->nodes().end());
        for (auto* node : nodes) {
            auto found = norms_at(node, *changing);
            if (!found) continue;
            torch::jit::WithInsertPoint here(found->last);
            stands_for(found->last->output(), call("sconce::norms",
                {found->input, graph->insertConstant(found->slopes), graph->insertConstant(found->starts),
                    graph->insertConstant(found->first),
                    graph->insertConstant(found->eps), graph->insertConstant(found->relu)}));
            norms++;
        }
    }

    void join_channels() {
        std::vector<Node*> nodes(graph->nodes().begin(), graph->nodes().end());
        for (auto* node : nodes) {
            if (!joins_channels(node, *changing)) continue;
            torch::jit::WithInsertPoint here(node);
            stands_for(node->output(), call("sconce::join", {node->input(0), node->input(1)}));
            node->destroy();
        }
    }

    void replace(const Attention& found) {
        torch::jit::WithInsertPoint here(found.last);
        stands_for(found.last->output(), call("sconce::attention",
            {found.query, found.key, found.value, graph->insertConstant(found.scale)}));
    }

    // Operators on single numbers whose results only each other read become one, where the last of them was.
    void join_elementwise() {
        std::vector<Node*> nodes(graph->nodes().begin(), graph->nodes().end());
        std::unordered_map<Node*, Node*> last;   // of the operators that a node belongs to
        std::unordered_map<Node*, std::vector<Node*>> joined;
        for (auto node = nodes.rbegin(); node != nodes.rend(); node++) {
            if (!elementwise_at(*node, *changing)) continue;
            Node* end = nullptr;
            bool together = !(*node)->output()->uses().empty();
            for (auto& use : (*node)->output()->uses()) {
                auto reader = last.find(use.user);
                together = together && reader != last.end() && (!end || end == reader->second);
                if (together) end = reader->second;
            }
            last[*node] = together ? end : *node;
            joined[last[*node]].push_back(*node);
        }
        for (auto* node : nodes) {
            auto found = joined.find(node);
            if (found == joined.end() || found->second.size() < 2) continue;
            join(std::vector<Node*>(found->second.rbegin(), found->second.rend()));
        }
    }

    void join(const std::vector<Node*>& nodes) {
        std::vector<Elementwise> parts;
        std::vector<torch::jit::Value*> inputs;
        std::unordered_map<torch::jit::Value*, size_t> number;
        for (auto* node : nodes) parts.push_back(*elementwise_at(node, *changing));
        std::unordered_set<torch::jit::Value*> inside;
        for (auto* node : nodes) inside.insert(node->output());
        for (auto& part : parts) {
            for (auto* value : {part.left, part.right}) {
                if (value && !inside.count(value) && number.emplace(value, inputs.size()).second) inputs.push_back(value);
            }
        }
        std::vector<Instruction> program;
        for (size_t k = 0; k < nodes.size(); k++) {
            size_t left = number.at(parts[k].left), right = parts[k].right ? number.at(parts[k].right) : left;
            for (auto instruction : parts[k].instructions) {
                instruction.left = left;
                instruction.right = right;
                program.push_back(instruction);
                left = right = inputs.size() + program.size() - 1;
            }
            number[nodes[k]->output()] = left;
        }
        torch::jit::WithInsertPoint here(nodes.back());
        auto* run = call("sconce::pointwise", {tensors(inputs), part<Pointwise>("program" + std::to_string(programs.size()))});
        nodes.back()->output()->replaceAllUsesWith(run);
        programs.push_back(c10::make_intrusive<Pointwise>(inputs.size(), std::move(program)));
        for (auto node = nodes.rbegin(); node != nodes.rend(); node++) (*node)->destroy();
    }

    // A view asks for an order of its tensor's memory that channels-last has not.
    void allow_other_orders() {
        std::vector<Node*> views;
        for (auto* node : graph->nodes()) {
            if (is(node, "aten::view") && !(*changing)(node->output()) && node->inputs().size() == 2
                && node->input(1)->type()->isSubtypeOf(*c10::ListType::ofInts())) views.push_back(node);
        }
        for (auto* view : views) {
            torch::jit::WithInsertPoint here(view);
            auto* reshape = graph->insertNode(graph->create(c10::aten::reshape, {view->input(0), view->input(1)}));
            reshape->output()->copyMetadata(view->output());
            view->output()->replaceAllUsesWith(reshape->output());
            view->destroy();
        }
    }

    // The layers that the input itself goes through become one operator, up to the last of them after which nothing else of theirs is read.
    void run_pictures_apart() {
        if (graph->inputs().size() != 2 || (*changing)(graph->inputs()[1])) return;
        auto run = picture_run(*graph, *changing, [&](const std::string& name) { return layers.at(std::stoul(name.substr(5))); });
        if (!run.last) return;
        torch::jit::WithInsertPoint here(run.last->next());
        run.last->output()->replaceAllUsesWith(call("sconce::pictures", {graph->inputs()[1], part<Pictures>("pictures")}));
        pictures = c10::make_intrusive<Pictures>(std::move(run.steps));
        torch::jit::EliminateDeadCode(graph);
    }

    std::shared_ptr<Graph> graph;
    std::unique_ptr<Changing> changing;
    std::map<std::string, int64_t> reasons;
    int64_t norms = 0;   // pairs of them that are one pass now
    std::vector<c10::intrusive_ptr<Packed>> layers;
    std::vector<c10::intrusive_ptr<Pointwise>> programs;
    c10::intrusive_ptr<Pictures> pictures;   // null where the input goes through too few layers
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

// A frozen module rewritten for this processor; it can not be saved. Fails where there is nothing to rewrite. `left`: what stays
// libtorch's, and why.
SCONCE_API void* sc_module_fuse(void* module, char** left) {
    return guarded<void*>(nullptr, [&]() -> void* {
#ifdef SCONCE_ONEDNN
        Fuser fuser(static_cast<torch::jit::Module*>(module)->get_method("forward").graph()->copy());
        if (fuser.run() == 0) {
            std::string left = fuser.left();
            throw std::invalid_argument("the graph holds no layer and no chain of operators that could be rewritten"
                + (left.empty() ? left : ": " + left));
        }
        auto made = std::make_unique<torch::jit::Module>(fuser.module());
        *left = copy_text(fuser.left());
        return made.release();
#else
        throw std::runtime_error("the native part was built without oneDNN");
#endif
    });
}
