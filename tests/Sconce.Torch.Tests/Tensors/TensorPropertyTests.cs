using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Sconce.Torch.Tests.Tensors;

public sealed class TensorPropertyTests
{
    private static readonly Gen<long[]> Shapes =
        from dimensions in Gen.Choose(1, 5)
        from sizes in Gen.Choose(1, 4).ArrayOf(dimensions)
        select Array.ConvertAll(sizes, size => (long)size);

    [Fact]
    public void Reshaping_and_back_changes_nothing() => ForAll(Shapes, shape =>
    {
        var x = Count(shape);
        var flat = x.Reshape([-1]);
        return flat.Reshape(shape).EqualTo(x) && flat.Elements == x.Elements && flat.ToArray<long>().SequenceEqual(x.ToArray<long>());
    });

    [Fact]
    public void A_permutation_and_its_inverse_change_nothing() => ForAll(
        from shape in Shapes
        from order in Gen.Shuffle(Enumerable.Range(0, shape.Length).ToArray())
        select (shape, order),
        given =>
        {
            var x = Count(given.shape);
            long[] order = Array.ConvertAll(given.order, d => (long)d);
            long[] inverse = [.. Enumerable.Range(0, order.Length).Select(d => (long)Array.IndexOf(order, d))];
            var permuted = x.Permute(order);
            return permuted.Permute(inverse).EqualTo(x) && permuted.Shape.ToArray().SequenceEqual(order.Select(d => given.shape[d]))
                && permuted.Contiguous().Permute(inverse).EqualTo(x);
        });

    [Fact]
    public void A_slice_holds_what_NumPy_s_rule_says() => ForAll(
        from size in Gen.Choose(1, 12)
        from start in Gen.Choose(-15, 15)
        from stop in Gen.Choose(-15, 15)
        from step in Gen.Choose(1, 5)
        select (size, start, stop, step),
        given =>
        {
            var (size, start, stop, step) = given;
            int Clamp(int index) => Math.Clamp(index < 0 ? index + size : index, 0, size);
            var expected = new List<long>();
            for (int k = Clamp(start); k < Clamp(stop); k += step) expected.Add(k);
            return Tensor.Arange(size, DType.Int64)[TensorIndex.Slice(start, stop, step)].ToArray<long>().SequenceEqual(expected);
        });

    [Fact]
    public void Parts_joined_are_the_whole() => ForAll(
        from shape in Shapes
        from dimension in Gen.Choose(0, shape.Length - 1)
        from part in Gen.Choose(1, 5)
        select (shape, dimension, part),
        given =>
        {
            var x = Count(given.shape);
            return Tensor.Cat(x.Split(given.part, given.dimension), given.dimension).EqualTo(x)
                && Tensor.Stack(x.Unbind(given.dimension), given.dimension).EqualTo(x);
        });

    [Fact]
    public void Broadcasting_is_expanding_first() => ForAll(
        from shape in Shapes
        from ones in Gen.Choose(0, 1).ArrayOf(shape.Length)
        select (shape, ones),
        given =>
        {
            var x = Count(given.shape);
            var y = Count([.. given.shape.Zip(given.ones, (size, one) => one == 1 ? 1 : size)]);
            return (x + y).EqualTo(x + y.ExpandAs(x).Clone()) && (x + y).EqualTo(y + x);
        });

    [Fact]
    public void A_mask_gathers_in_row_major_order() => ForAll(
        from shape in Shapes
        from divisor in Gen.Choose(1, 7)
        select (shape, divisor),
        given =>
        {
            var x = Count(given.shape);
            return x[(x % given.divisor).Eq(0)].ToArray<long>().SequenceEqual(x.ToArray<long>().Where(value => value % given.divisor == 0));
        });

    private static Tensor Count(long[] shape) =>
        Tensor.Arange(shape.Aggregate(1L, (product, size) => product * size), DType.Int64).Reshape(shape);

    private static void ForAll<T>(Gen<T> inputs, Func<T, bool> property) =>
        Prop.ForAll(inputs.ToArbitrary(), input =>
        {
            using var scope = new TensorScope();
            return property(input);
        }).QuickCheckThrowOnFailure();
}
