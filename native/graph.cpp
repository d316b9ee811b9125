// Traced graphs read and rewritten: a batch of any size made out of two traces, and a graph's nodes as lines for whoever exports it.
#include "sconce.h"
#include "script.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/lower_tuples.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <unordered_map>

using torch::jit::Graph;
using torch::jit::Module;
using torch::jit::Node;

namespace {

// What two traces with batches of `first` and `second` say about one whole number: slope * batch + rest.
struct Line {
    int64_t slope, rest;
};

Line through(int64_t first, int64_t one, int64_t second, int64_t other) {
    int64_t rise = other - one, run = second - first;
    if (rise % run != 0) throw std::invalid_argument("the number " + std::to_string(one) + " of the trace does not grow in proportion to the batch");
    return {rise / run, one - rise / run * first};
}

// Where the traces differ in a size, the type says that it is open: no pass may then take it for known.
c10::TypePtr common(const c10::TypePtr& one, const c10::TypePtr& other) {
    auto left = one->cast<c10::TensorType>(), right = other->cast<c10::TensorType>();
    if (!left || !right) return one;
    auto ranks = left->sizes().size();
    if (!ranks || ranks != right->sizes().size()) return c10::TensorType::get();
    std::vector<c10::ShapeSymbol> dimensions;
    bool open = false;
    for (size_t k = 0; k < *ranks; k++) {
        auto here = left->sizes()[k], there = right->sizes()[k];
        bool same = here && there && *here == *there;
        open |= !same;
        dimensions.push_back(same ? c10::ShapeSymbol::fromStaticSize(*here) : c10::ShapeSymbol::newSymbol());
    }
    return open ? c10::TensorType::create(left->scalarType(), left->device(), c10::SymbolicShape(dimensions), c10::VaryingShape<c10::Stride>(*ranks), left->requiresGrad()) : one;
}

class Generalizer {
public:
    Generalizer(const std::shared_ptr<Graph>& graph, const std::shared_ptr<Graph>& other, int64_t first, int64_t second)
        : graph(graph), other(other), first(first), second(second) {}

    void run() {
        if (graph->inputs().size() < 2) throw std::invalid_argument("the trace has no input");
        auto* here = graph->nodes().begin()->owningBlock();
        std::vector<Node*> nodes(here->nodes().begin(), here->nodes().end()), others(other->nodes().begin(), other->nodes().end());
        if (nodes.size() != others.size()) {
            throw std::invalid_argument("the network does " + std::to_string(nodes.size()) + " steps for " + std::to_string(first) + " examples and " + std::to_string(others.size()) + " for " + std::to_string(second));
        }
        torch::jit::WithInsertPoint before(*graph->nodes().begin());
        for (size_t k = 1; k < graph->inputs().size(); k++) match(graph->inputs()[k], other->inputs()[k]);
        for (size_t k = 0; k < nodes.size(); k++) node(nodes[k], others[k]);
        torch::jit::EliminateDeadCode(graph);
    }

private:
    void match(torch::jit::Value* value, torch::jit::Value* its) { value->setType(common(value->type(), its->type())); }

    void node(Node* mine, Node* its) {
        if (mine->kind() != its->kind() || mine->inputs().size() != its->inputs().size() || mine->outputs().size() != its->outputs().size() || !mine->blocks().empty()) {
            throw std::invalid_argument(std::string("the network takes another way for another batch, at ") + mine->kind().toQualString());
        }
        if (mine->kind() == c10::prim::Constant) {
            constant(mine, its);
        } else {
            for (size_t k = 0; k < mine->outputs().size(); k++) match(mine->output(k), its->output(k));
        }
    }

    void constant(Node* mine, Node* its) {
        auto left = torch::jit::toIValue(mine->output()), right = torch::jit::toIValue(its->output());
        if (!left || !right || left->tagKind() != right->tagKind()) throw std::invalid_argument("a constant is of another kind for another batch");
        if (left->isInt()) {
            if (left->toInt() != right->toInt()) mine->output()->replaceAllUsesWith(number(through(first, left->toInt(), second, right->toInt())));
        } else if (left->isIntList()) {
            auto one = left->toIntVector(), two = right->toIntVector();
            if (one.size() != two.size()) throw std::invalid_argument("a list of whole numbers has another length for another batch");
            if (one == two) return;
            std::vector<torch::jit::Value*> items;
            for (size_t k = 0; k < one.size(); k++) items.push_back(one[k] == two[k] ? graph->insertConstant(one[k]) : number(through(first, one[k], second, two[k])));
            mine->output()->replaceAllUsesWith(graph->insertNode(graph->createList(c10::IntType::get(), items))->output());
        } else if (left->isTensor()) {
            auto one = left->toTensor(), two = right->toTensor();
            if (one.defined() && two.defined() && !one.is_same(two) && !(one.sizes() == two.sizes() && (one.data_ptr() == two.data_ptr() || one.equal(two)))) {
                throw std::invalid_argument("a tensor that the network makes outside of libtorch, of " + std::to_string(one.numel()) + " elements, depends on the batch");
            }
        } else if (left->isDouble() && left->toDouble() != right->toDouble()) {
            throw std::invalid_argument("the number " + std::to_string(left->toDouble()) + " of the trace depends on the batch");
        } else if (left->isBool() && left->toBool() != right->toBool()) {
            throw std::invalid_argument("a choice of the trace depends on the batch");
        }
    }

    torch::jit::Value* number(Line line) {
        if (!batch) batch = graph->insert(c10::aten::size, {graph->inputs()[1], 0});
        torch::jit::Value* value = batch;
        if (line.slope != 1) value = graph->insert(c10::aten::mul, {value, line.slope});
        if (line.rest != 0) value = graph->insert(c10::aten::add, {value, line.rest});
        return value;
    }

    std::shared_ptr<Graph> graph, other;
    int64_t first, second;
    torch::jit::Value* batch = nullptr;
};

// Runs a graph node by node and gives each tensor the type that it then has: passes lose what the tracer knew.
class Annotator {
public:
    using Types = std::unordered_map<torch::jit::Value*, c10::TypePtr>;

    Types run(Graph& graph, void* const* inputs) {
        size_t given = 0;
        for (auto* input : graph.inputs()) {
            if (input->type()->cast<c10::TensorType>()) keep(input, borrow(inputs[given++]));
        }
        for (auto* node : graph.nodes()) {
            torch::jit::Stack stack;
            for (auto* input : node->inputs()) {
                auto found = values.find(input);
                if (found == values.end()) throw std::invalid_argument(std::string("nothing is known of an argument of ") + node->kind().toQualString());
                stack.push_back(found->second);
                if (--uses[input] == 0) values.erase(found);
            }
            call(node, stack);
            for (size_t k = 0; k < node->outputs().size(); k++) keep(node->output(k), std::move(stack.at(k)));
        }
        return std::move(types);
    }

private:
    // What the interpreter has instructions for, and everything else, which are operators.
    static void call(Node* node, torch::jit::Stack& stack) {
        if (node->kind() == c10::prim::Constant) {
            stack.push_back(torch::jit::toIValue(node->output()).value());
        } else if (node->kind() == c10::prim::ListConstruct) {
            c10::impl::GenericList list(node->output()->type()->expectRef<c10::ListType>().getElementType());
            for (auto& item : stack) list.push_back(std::move(item));
            stack = {c10::IValue(std::move(list))};
        } else if (node->kind() == c10::prim::ListUnpack) {
            auto list = stack.at(0).toListRef().vec();
            stack.assign(list.begin(), list.end());
        } else if (node->kind() == c10::prim::TupleConstruct) {
            stack = {c10::ivalue::Tuple::create(std::vector<c10::IValue>(stack.begin(), stack.end()))};
        } else if (node->kind() == c10::prim::TupleUnpack) {
            auto items = stack.at(0).toTupleRef().elements().vec();
            stack.assign(items.begin(), items.end());
        } else if (!node->blocks().empty()) {
            throw std::invalid_argument(std::string("control flow: ") + node->kind().toQualString());
        } else {
            node->getOperation()(stack);
        }
    }

    void keep(torch::jit::Value* value, c10::IValue content) {
        if (content.isTensor() && content.toTensor().defined()) {
            auto& tensor = content.toTensor();
            types[value] = c10::TensorType::create(tensor.scalar_type(), tensor.device(), c10::SymbolicShape(tensor.sizes()), c10::VaryingShape<c10::Stride>(tensor.dim()), false);
        }
        uses[value] = value->uses().size();
        if (uses[value] > 0) values[value] = std::move(content);
    }

    std::unordered_map<torch::jit::Value*, c10::IValue> values;
    std::unordered_map<torch::jit::Value*, size_t> uses;
    Types types;
};

// A graph to be read, with the tensors among its constants.
struct GraphView {
    std::string text;
    std::vector<at::Tensor> tensors;
};

class Describer {
public:
    GraphView describe(Graph& graph) {
        for (size_t k = 0; k < graph.inputs().size(); k++) {
            auto* input = graph.inputs()[k];
            if (!input->type()->cast<c10::TensorType>()) continue;    // the module itself
            lines << "input\t" << input->debugName() << '\n';
            type(input);
        }
        for (auto* node : graph.nodes()) {
            if (node->kind() == c10::prim::Constant) {
                constant(node->output());
                continue;
            }
            lines << "node\t" << node->kind().toQualString() << '\t' << names(node->outputs()) << '\t' << names(node->inputs()) << '\t' << (node->blocks().empty() ? 0 : 1) << '\n';
            for (auto* output : node->outputs()) type(output);
        }
        lines << "return\t" << names(graph.outputs()) << '\n';
        view.text = lines.str();
        return std::move(view);
    }

private:
    static std::string names(at::ArrayRef<torch::jit::Value*> values) {
        std::string text;
        for (auto* value : values) text += (text.empty() ? "" : ",") + value->debugName();
        return text;
    }

    static std::string real(double value) {
        char text[40];
        std::snprintf(text, sizeof text, "%.17g", value);
        return text;
    }

    // Number type and sizes, as far as they are known: `?` for an open one.
    void type(torch::jit::Value* value) {
        auto tensor = value->type()->cast<c10::TensorType>();
        if (!tensor) return;
        lines << "type\t" << value->debugName() << '\t';
        if (auto scalar = tensor->scalarType()) lines << static_cast<int>(*scalar);
        else lines << '?';
        lines << '\t';
        auto rank = tensor->sizes().size();
        if (!rank) lines << "unknown";
        for (size_t k = 0; rank && k < *rank; k++) {
            if (k) lines << ',';
            if (auto size = tensor->sizes()[k]) lines << *size;
            else lines << '?';
        }
        lines << '\n';
    }

    void constant(torch::jit::Value* output) {
        auto found = torch::jit::toIValue(output);
        lines << "constant\t" << output->debugName() << '\t';
        if (!found || found->isNone()) lines << "none";
        else if (found->isTensor()) {
            lines << "tensor\t" << view.tensors.size();
            view.tensors.push_back(found->toTensor());
        } else if (found->isInt()) lines << "int\t" << found->toInt();
        else if (found->isDouble()) lines << "double\t" << real(found->toDouble());
        else if (found->isBool()) lines << "bool\t" << found->toBool();
        else if (found->isIntList()) {
            lines << "ints\t";
            auto items = found->toIntVector();
            for (size_t k = 0; k < items.size(); k++) lines << (k ? "," : "") << items[k];
        } else if (found->isDoubleList()) {
            lines << "doubles\t";
            auto items = found->toDoubleVector();
            for (size_t k = 0; k < items.size(); k++) lines << (k ? "," : "") << real(items[k]);
        } else if (found->isBoolList()) {
            lines << "ints\t";
            auto items = found->toBoolList();
            for (size_t k = 0; k < items.size(); k++) lines << (k ? "," : "") << (items[k] ? 1 : 0);
        } else if (found->isTensorList()) {
            lines << "tensors\t";
            auto items = found->toTensorVector();
            for (size_t k = 0; k < items.size(); k++) {
                lines << (k ? "," : "") << view.tensors.size();
                view.tensors.push_back(items[k]);
            }
        } else if (found->isString()) lines << "string\t" << found->toStringRef();
        else lines << "other\t" << found->tagKind();
        lines << '\n';
    }

    GraphView view;
    std::ostringstream lines;
};

}  // namespace

// Out of two traces of one function, on `first` and `second` examples, one module for any number of them. Both inputs stay.
SCONCE_API void* sc_module_generalize(void* module, void* other, int64_t first, int64_t second) {
    return guarded<void*>(nullptr, [&]() -> void* {
        auto graph = static_cast<Module*>(module)->get_method("forward").graph()->copy();
        auto its = static_cast<Module*>(other)->get_method("forward").graph()->copy();
        torch::jit::Inline(*graph);
        torch::jit::Inline(*its);
        Generalizer(graph, its, first, second).run();
        return new Module(module_of(graph));
    });
}

// The nodes of a module's `forward`, without writes in place where they can be had otherwise, and with all that is constant computed. Sizes are as
// they come out on two sets of example inputs; those that differ are open.
SCONCE_API void* sc_graph_open(void* module, void* const* inputs, void* const* others) {
    return guarded<void*>(nullptr, [&]() -> void* {
        auto graph = static_cast<Module*>(module)->get_method("forward").graph()->copy();
        torch::jit::Inline(*graph);
        torch::jit::RemoveTensorMutation(graph);
        torch::jit::ConstantPropagation(graph);
        torch::jit::LowerSimpleTuples(graph);
        torch::jit::EliminateDeadCode(graph);
        auto types = Annotator().run(*graph, inputs), other = Annotator().run(*graph, others);
        for (auto& entry : types) entry.first->setType(common(entry.second, other.at(entry.first)));
        return new GraphView(Describer().describe(*graph));
    });
}

// One line a node, in order of execution: see Describer.
SCONCE_API char* sc_graph_text(void* graph) {
    return guarded<char*>(nullptr, [&] { return copy_text(static_cast<GraphView*>(graph)->text); });
}

SCONCE_API void* sc_graph_tensor(void* graph, int32_t index) {
    return guarded<void*>(nullptr, [&] { return give(static_cast<GraphView*>(graph)->tensors.at(index)); });
}

SCONCE_API void sc_graph_free(void* graph) { delete static_cast<GraphView*>(graph); }
