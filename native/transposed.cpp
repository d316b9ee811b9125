#include "transposed.h"

#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "cache.h"
#include "layer_kernel.h"
#include "room.h"
#include "unfused.h"
#include "vectors.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace sconce {
namespace {

using dnnl::memory;

constexpr int64_t ProductBytes = int64_t{2} << 20;   // of products at a time: they stay in the cache
constexpr int64_t FloatsForAThread = 1 << 14;

}  // namespace

struct Transposed::Products {
    Geometry geometry;
    std::vector<PostOperation> afterwards;
    int64_t inputs, outputs, height, width;
    at::Tensor bias, none;   // none: a product's own
    memory weights;          // as the first kernel wanted them
    Cache<int64_t, LayerKernel> made;   // by the count of pixels

    Products(const at::Tensor& weight, const at::Tensor& given, Geometry wanted, std::vector<PostOperation> operations)
        : geometry(std::move(wanted)), afterwards(std::move(operations)), inputs(weight.size(0)), outputs(weight.size(1)),
          height(weight.size(2)), width(weight.size(3)) {
        if (geometry.groups != 1) throw NoFastForm("a transposed convolution by groups");
        bias = given.defined() ? given.clone(at::MemoryFormat::Contiguous) : at::zeros({outputs});
        none = at::zeros({sums()});
        at::Tensor plain = weight.permute({2, 3, 1, 0}).contiguous();
        auto first = product(64);
        if (!written_for_speed(first->description)) throw NoFastForm(std::string("oneDNN has only ") + first->description.impl_info_str());
        memory::desc order({sums(), inputs, 1, 1}, memory::data_type::f32, memory::format_tag::oihw);
        weights = memory(first->description.weights_desc(), engine());
        reorder(memory(order, engine(), plain.data_ptr()), weights);
    }

    // Numbers that a pixel is multiplied to: by places of the window, then by channels.
    int64_t sums() const { return height * width * outputs; }

    std::shared_ptr<LayerKernel> product(int64_t count) {
        return made.get(count, [&] {
            auto kernel = layer_kernel({1, inputs, count, 1}, {1, sums(), count, 1}, {sums(), inputs, 1, 1}, Geometry(), {});
            auto wanted = kernel.description.weights_desc();
            if (weights && wanted != weights.get_desc()) {
                kernel.weights = memory(wanted, engine());
                reorder(weights, kernel.weights);
            }
            return kernel;
        });
    }

    int64_t result_size(int64_t size, int axis) const {
        int64_t window = axis == 0 ? height : width;
        int64_t result = (size - 1) * geometry.stride[axis] + geometry.dilation[axis] * (window - 1) + 1 - geometry.before[axis]
            - geometry.after[axis];
        TORCH_CHECK(result > 0, "a transposed convolution of ", size, " pixels leaves ", result);
        return result;
    }

    // A pixel along one side, and the place of the window with which it reaches a result.
    struct Tap {
        int64_t pixel, place;
    };

    // Those that reach the result at `place`.
    std::vector<Tap> taps(int64_t place, int64_t pixels, int axis) const {
        std::vector<Tap> found;
        for (int64_t k = 0; k < (axis == 0 ? height : width); k++) {
            int64_t way = place + geometry.before[axis] - k * geometry.dilation[axis], pixel = way / geometry.stride[axis];
            if (way >= 0 && way % geometry.stride[axis] == 0 && pixel < pixels) found.push_back({pixel, k});
        }
        return found;
    }

    // Products of some pictures' rows from `first` on, and where their results go.
    struct Strip {
        const float* products;
        int64_t first, rows, columns, result_rows, result_columns;   // rows: of a whole picture
        const std::vector<std::vector<Tap>>& across;                 // for each column of results
    };

    // Lays the products that reach one row of one picture's results over one another.
    void lay(const Strip& strip, int64_t row, float* to) const {
        std::vector<const float*> parts(static_cast<size_t>(height * width));
        auto down = taps(row, strip.rows, 0);
        for (auto& across : strip.across) {
            int64_t count = 0;
            for (auto& vertical : down) {
                const float* line = strip.products + (vertical.pixel - strip.first) * strip.columns * sums();
                for (auto& tap : across)
                    parts[static_cast<size_t>(count++)] = line + tap.pixel * sums() + (vertical.place * width + tap.place) * outputs;
            }
            total(parts.data(), count, bias.data_ptr<float>(), to, outputs);
            to += outputs;
        }
    }

    // Operations that are computed row by row; Elu and what follows it are libtorch's.
    auto by_rows() const {
        return std::find_if(afterwards.begin(), afterwards.end(), [](auto& operation) { return operation.kind == After::Elu; });
    }

    void finish(float* row, int64_t count, int64_t offset, const std::vector<const float*>& others) const {
        size_t next = 0;
        for (auto operation = afterwards.begin(); operation != by_rows(); operation++) {
            if (operation->kind == After::Add) {
                combine(Combine::Add, row, others[next++] + offset, row, count);
            } else {
                function_of(operation->kind, static_cast<float>(operation->alpha), static_cast<float>(operation->beta), row, row, count);
            }
        }
    }

    // Rows `from` to `until` of some pictures' results; `result`: the first picture's.
    void lay_rows(const Strip& strip, int64_t pictures, int64_t from, int64_t until, float* result, int64_t start,
        const std::vector<const float*>* others) const {
        int64_t rows = until - from, count = strip.result_columns * outputs;
        int64_t between = strip.rows * strip.columns * sums();
        int64_t grain = std::max<int64_t>(1, FloatsForAThread / count);
        at::parallel_for(0, pictures * rows, grain, [&](int64_t begin, int64_t end) {
            for (int64_t k = begin; k < end; k++) {
                int64_t picture = k / rows, row = from + k % rows, offset = (picture * strip.result_rows + row) * count;
                Strip own = strip;
                own.products += picture * between;
                lay(own, row, result + offset);
                if (others) finish(result + offset, count, start + offset, *others);
            }
        });
    }

    void multiply(const float* source, int64_t pixels, float* to) {
        product(pixels)->run(source, weights, none.data_ptr<float>(), to, {}, {});
    }

    // Whole pictures where some fit into the room, else strips of one; rows of products that reach results of the next strip are kept.
    void compute(const at::Tensor& input, at::Tensor& result, const std::vector<const float*>* others) {
        int64_t batch = input.size(0), rows = input.size(2), columns = input.size(3);
        int64_t result_rows = result.size(2), result_columns = result.size(3), line = columns * sums();
        int64_t fitting = std::max<int64_t>(1, ProductBytes / (line * static_cast<int64_t>(sizeof(float))));
        int64_t together = std::min(batch, std::max<int64_t>(1, fitting / rows));
        int64_t shared = std::min(rows, (height - 1) * geometry.dilation[0] / geometry.stride[0]);
        int64_t most = std::min(rows, std::max(fitting, 2 * shared));
        std::vector<std::vector<Tap>> across;
        for (int64_t x = 0; x < result_columns; x++) across.push_back(taps(x, columns, 1));
        at::Tensor space = room((most == rows ? together * rows : most + shared) * line);
        float* products = space.data_ptr<float>();
        for (int64_t picture = 0; picture < batch; picture += together) {
            const float* source = input.data_ptr<float>() + picture * rows * columns * inputs;
            int64_t offset = picture * result_rows * result_columns * outputs;
            float* to = result.data_ptr<float>() + offset;
            int64_t count = std::min(together, batch - picture);
            if (most == rows) {
                multiply(source, count * rows * columns, products);
                lay_rows({products, 0, rows, columns, result_rows, result_columns, across}, count, 0, result_rows, to, offset, others);
                continue;
            }
            int64_t kept = 0, from = 0;
            for (int64_t first = 0; first < rows; first += most) {
                int64_t next = std::min(rows, first + most);
                multiply(source + first * columns * inputs, (next - first) * columns, products + kept * line);
                int64_t until = next == rows ? result_rows : next * geometry.stride[0] - geometry.before[0];
                until = std::clamp(until, from, result_rows);
                lay_rows({products, first - kept, rows, columns, result_rows, result_columns, across}, 1, from, until, to, offset, others);
                int64_t there = kept + next - first;
                kept = std::min(shared, there);
                std::copy(products + (there - kept) * line, products + there * line, products);
                from = until;
            }
        }
    }
};

Transposed::Transposed(const at::Tensor& weight, const at::Tensor& bias, Geometry geometry, std::vector<PostOperation> afterwards)
    : products(std::make_unique<Products>(weight, bias, std::move(geometry), std::move(afterwards))) {}

Transposed::~Transposed() = default;

at::Tensor Transposed::run(const at::Tensor& given, const std::vector<at::Tensor>& others) {
    auto& mine = *products;
    TORCH_CHECK(given.scalar_type() == at::kFloat && given.device().is_cpu(),
        "a packed layer takes 32-bit numbers of the processor's memory, not ", given.toString());
    TORCH_CHECK(given.dim() == 4 && given.size(1) == mine.inputs, "a packed layer of ", mine.inputs, " channels got ", given.sizes());
    at::Tensor input = given.contiguous(at::MemoryFormat::ChannelsLast);
    at::Tensor result = at::empty({input.size(0), mine.outputs, mine.result_size(input.size(2), 0), mine.result_size(input.size(3), 1)},
        input.options(), at::MemoryFormat::ChannelsLast);
    std::vector<at::Tensor> kept;
    std::vector<const float*> pointers;
    bool alike = true;
    for (auto& other : others) {
        alike = alike && other.sizes() == result.sizes() && other.scalar_type() == at::kFloat && other.device().is_cpu();
        if (alike) kept.push_back(other.contiguous(at::MemoryFormat::ChannelsLast));
        if (alike) pointers.push_back(kept.back().data_ptr<float>());
    }
    if (result.numel() > 0) mine.compute(input, result, alike ? &pointers : nullptr);
    size_t next = 0;
    for (auto operation = mine.afterwards.begin(); operation != mine.afterwards.end(); operation++) {
        at::Tensor other = operation->kind == After::Add ? others[next++] : at::Tensor();
        if (!alike || operation >= mine.by_rows()) result = apply(result, *operation, other);
    }
    return result;
}

}  // namespace sconce
#endif
