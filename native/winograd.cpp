#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "cache.h"
#include "onednn.h"
#include "room.h"
#include "tiles.h"
#include "vectors.h"
#include "winograd.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <omp.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <unordered_map>

namespace sconce {
namespace {

using dnnl::memory;

constexpr int64_t Positions = Tiling::Positions;
constexpr int64_t RowsAtATime = 64;                // where oneDNN has no fast product of just so many
constexpr size_t MostOrders = 2;                   // of the weights, each a copy, and one for RowsAtATime: they go by the count of rows
constexpr int64_t ProductAtLeast = 100'000;        // multiplications: a smaller one costs more to start than it saves
constexpr int64_t TilesAtLeast = 16;               // of all pictures: for fewer, reading the weights takes longer than it saves
constexpr int64_t PixelsAtLeast = 48;              // of a picture's results: for fewer, four times the weights take longer to read

Tiling tiling(const Geometry& geometry, int64_t batch, int64_t rows, int64_t columns) {
    return {batch, rows, columns, geometry.before[0], geometry.before[1], rows + geometry.before[0] + geometry.after[0] - 2, columns + geometry.before[1] + geometry.after[1] - 2};
}

// oneDNN chooses a kernel's blocks by the threads that it sees: here each product has one.
class OneThread {
public:
    OneThread() : before(omp_get_max_threads()) { omp_set_num_threads(1); }
    ~OneThread() { omp_set_num_threads(before); }

private:
    int before;
};

}  // namespace

struct Winograd::Products {
    Geometry geometry;
    std::vector<PostOperation> afterwards;
    int64_t groups, inputs, outputs;   // channels of one group
    at::Tensor filters, bias;          // filters: as they were given

    // The transformed filters as a product wants them, one block for each group and position.
    struct Weights {
        memory::desc order;
        at::Tensor numbers;
        int64_t block;   // floats of one such block
    };

    struct Product {
        dnnl::convolution_forward primitive;
        memory::desc room;
        int64_t rows;   // that it multiplies at a time
        Weights weights;
    };

    std::vector<Weights> orders;    // made as counts of rows ask for them
    std::mutex lock;                // of these
    Cache<int64_t, Product> made;   // by the count of rows

    Products(const at::Tensor& weight, const at::Tensor& given, Geometry wanted, std::vector<PostOperation> operations)
        : geometry(std::move(wanted)), afterwards(std::move(operations)), groups(geometry.groups), inputs(weight.size(1)), outputs(weight.size(0) / groups) {
        bias = given.defined() ? given.clone(at::MemoryFormat::Contiguous) : at::zeros({weight.size(0)});
        filters = weight.contiguous();
        auto first = description(RowsAtATime, any_order());
        if (!written_for_speed(first)) throw NoFastForm(std::string("oneDNN has no fast product of these sizes, only ")
            + first.impl_info_str());
    }

    memory::desc any_order() const { return {{outputs, inputs, 1, 1}, memory::data_type::f32, memory::format_tag::any}; }

    // rows (count, inputs) times weights' = (count, outputs), as a 1x1 convolution of one column of pixels
    dnnl::convolution_forward::primitive_desc description(int64_t count, const memory::desc& weights_order) const {
        OneThread only;
        memory::desc from({1, inputs, count, 1}, memory::data_type::f32, memory::format_tag::nhwc), to({1, outputs, count, 1}, memory::data_type::f32, memory::format_tag::nhwc);
        memory::dims one{1, 1}, none{0, 0};
        auto kind = dnnl::prop_kind::forward_inference;
        auto algorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
        return dnnl::convolution_forward::primitive_desc(engine(), kind, algorithm, from, weights_order, to, one, none, none,
            with_room_of_the_call());
#else
        return dnnl::convolution_forward::primitive_desc({kind, algorithm, from, weights_order, to, one, none, none},
            with_room_of_the_call(), engine());
#endif
    }

    Weights pack(const memory::desc& order) const {
        int64_t all = groups * outputs * inputs;
        at::Tensor plain = at::empty({Positions * all});
        winograd_filters(filters.data_ptr<float>(), 9, false, all, plain.data_ptr<float>(), all);
        int64_t block = (static_cast<int64_t>(order.get_size() / sizeof(float)) + 15) / 16 * 16;
        at::Tensor numbers = at::zeros({groups * Positions * block});
        memory::desc rows({outputs, inputs, 1, 1}, memory::data_type::f32, memory::format_tag::oihw);
        for (int64_t k = 0; k < groups * Positions; k++) {
            int64_t group = k / Positions, position = k % Positions;
            memory source(rows, engine(), plain.data_ptr<float>() + (position * groups + group) * outputs * inputs),
                target(order, engine(), numbers.data_ptr<float>() + k * block);
            reorder(source, target);
        }
        return {order, numbers, block};
    }

    // A product of so many rows on weights that are packed already, or in an order of its own while there are not too many. Null where
    // oneDNN has only its reference.
    std::shared_ptr<Product> fast(int64_t count) {
        auto on = [&](const Weights& weights) -> std::shared_ptr<Product> {
            auto wanted = description(count, weights.order);
            if (!written_for_speed(wanted)) return {};
            return std::make_shared<Product>(Product{dnnl::convolution_forward(wanted), wanted.scratchpad_desc(), count, weights});
        };
        for (auto& weights : orders) {
            if (auto found = on(weights)) return found;
        }
        auto wanted = description(count, any_order());
        if ((orders.size() >= MostOrders && count != RowsAtATime) || !written_for_speed(wanted)) return {};
        orders.push_back(pack(wanted.weights_desc()));
        return on(orders.back());
    }

    std::shared_ptr<Product> product(int64_t count) {
        return made.get(count, [&]() -> Product {
            OneThread only;
            std::lock_guard<std::mutex> held(lock);
            auto found = fast(count);
            if (!found) found = fast(RowsAtATime);
            if (!found) throw std::runtime_error("oneDNN has no fast product of " + std::to_string(RowsAtATime) + " rows any more");
            return *found;
        });
    }

    void read(const float* source, const float* zeros, int64_t tile, const Tiling& tiling, float* to, int64_t stride) const {
        const float* pixels[Positions];
        tiling.window(source, groups * inputs, tile, zeros, pixels);
        winograd_input(pixels, to, groups * inputs, inputs, stride, stride * Positions);
    }

    void write(const float* from, int64_t stride, int64_t tile, const Tiling& tiling, float* result, const std::vector<const float*>& others, float* outside) const {
        float* pixels[Tiling::Pixels];
        tiling.square(result, groups * outputs, tile, outside, pixels);
        std::vector<std::vector<const float*>> added(others.size(), std::vector<const float*>(Tiling::Pixels));
        std::vector<WinogradStep> steps;
        size_t next = 0;
        for (auto& operation : afterwards) {
            WinogradStep step{operation.kind, static_cast<float>(operation.alpha), static_cast<float>(operation.beta), nullptr};
            if (operation.kind == After::Add) {
                tiling.square(others[next], groups * outputs, tile, static_cast<const float*>(outside), added[next].data());
                step.others = added[next++].data();
            }
            steps.push_back(step);
        }
        winograd_output(from, groups * outputs, outputs, stride, stride * Positions, bias.data_ptr<float>(), steps.data(), static_cast<int>(steps.size()), pixels);
    }

    // Both sides have room for a whole number of RowsAtATime; what lies behind the last row is multiplied too, so it is set to zero.
    void multiply(int64_t count, float* left, int64_t left_stride, float* result, int64_t result_stride) {
        auto shared = product(count);
        at::parallel_for(0, groups * Positions, 1, [&](int64_t begin, int64_t end) {
            int64_t rows = shared->rows;
            memory::desc from({1, inputs, rows, 1}, memory::data_type::f32, memory::format_tag::nhwc);
            memory::desc to({1, outputs, rows, 1}, memory::data_type::f32, memory::format_tag::nhwc);
            memory source(from, engine(), nullptr), filters(shared->weights.order, engine(), nullptr), target(to, engine(), nullptr);
            std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, filters}, {DNNL_ARG_DST, target}};
            memory room = room_of_the_call(shared->room);   // of this thread
            int64_t behind = (rows - count % rows) % rows * inputs;
            for (int64_t k = begin; k < end; k++) {
                std::fill_n(left + k * left_stride + count * inputs, behind, 0.f);
                filters.set_data_handle(shared->weights.numbers.data_ptr<float>() + k * shared->weights.block);
                for (int64_t row = 0; row < count; row += rows) {
                    source.set_data_handle(left + k * left_stride + row * inputs);
                    target.set_data_handle(result + k * result_stride + row * outputs);
                    execute(shared->primitive, room, arguments);
                }
            }
        });
    }

    void run(const float* source, float* result, const std::vector<const float*>& others, const Tiling& tiling) {
        int64_t total = tiling.count(), most = tiling.most(groups * (inputs + outputs));
        int64_t whole = (std::min(most, total) + RowsAtATime - 1) / RowsAtATime * RowsAtATime;
        int64_t source_stride = whole * inputs + Tiling::Apart, product_stride = whole * outputs + Tiling::Apart;
        at::Tensor space = room(groups * Positions * (source_stride + product_stride)), zeros = at::zeros({groups * inputs});
        float *tiles = space.data_ptr<float>(), *results = tiles + groups * Positions * source_stride;
        for (int64_t first = 0; first < total; first += most) {
            int64_t count = std::min(most, total - first);
            at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
                for (int64_t t = begin; t < end; t++) read(source, zeros.data_ptr<float>(), first + t, tiling, tiles + t * inputs, source_stride);
            });
            multiply(count, tiles, source_stride, results, product_stride);
            at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
                at::Tensor outside = at::zeros({groups * outputs});
                for (int64_t t = begin; t < end; t++) write(results + t * outputs, product_stride, first + t, tiling, result, others, outside.data_ptr<float>());
            });
        }
    }
};

bool Winograd::can(const at::Tensor& weight, const Geometry& geometry) {
    if (geometry.linear || weight.dim() != 4 || weight.size(2) != 3 || weight.size(3) != 3) return false;
    for (int axis = 0; axis < 2; axis++) {
        if (geometry.stride[axis] != 1 || geometry.dilation[axis] != 1) return false;
    }
    int64_t inputs = weight.size(1), outputs = weight.size(0) / geometry.groups;
    return inputs % Lanes == 0 && outputs % Lanes == 0 && inputs >= 16 && outputs >= 16;
}

bool Winograd::pays(const at::Tensor& weight, const Geometry& geometry, int64_t batch, int64_t rows, int64_t columns) {
    auto one = tiling(geometry, 1, rows, columns);
    return one.result_rows * one.result_columns >= PixelsAtLeast && one.count() * batch >= TilesAtLeast
        && one.count() * weight.size(1) * weight.size(0) / geometry.groups >= ProductAtLeast;
}

bool Winograd::takes(const PostOperation& operation) { return operation.kind != After::Elu; }

Winograd::Winograd(const at::Tensor& weight, const at::Tensor& bias, Geometry geometry, std::vector<PostOperation> afterwards)
    : products(std::make_unique<Products>(weight, bias, std::move(geometry), std::move(afterwards))) {}

Winograd::~Winograd() = default;

void Winograd::run(const float* source, float* result, const std::vector<const float*>& others, int64_t batch, int64_t rows, int64_t columns) {
    products->run(source, result, others, tiling(products->geometry, batch, rows, columns));
}

}  // namespace sconce
#endif
