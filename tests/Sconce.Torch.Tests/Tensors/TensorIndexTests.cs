using Xunit;

namespace Sconce.Torch.Tests.Tensors;

public sealed class TensorIndexTests
{
    private static readonly TensorIndex E = TensorIndex.Ellipsis;
    private static readonly TensorIndex N = TensorIndex.NewAxis;

    /// <summary>The Python expression, and the same in C#.</summary>
    private static readonly Dictionary<string, Func<Inputs, Tensor>> Forms = new()
    {
        ["x[1]"] = t => t.X[1],
        ["x[-1]"] = t => t.X[^1],
        ["x[0,2]"] = t => t.X[0, 2],
        ["x[0,-1,3,4]"] = t => t.X[0, -1, 3, 4],
        ["x[:,1]"] = t => t.X[.., 1],
        ["x[:,:,-1]"] = t => t.X[.., .., ^1],
        ["x[...,0]"] = t => t.X[E, 0],
        ["x[0,...,1]"] = t => t.X[0, E, 1],
        ["x[...]"] = t => t.X[E],
        ["x[1,...]"] = t => t.X[1, E],
        ["x[None]"] = t => t.X[N],
        ["x[:,None]"] = t => t.X[.., N],
        ["x[...,None]"] = t => t.X[E, N],
        ["x[None,0,None]"] = t => t.X[N, 0, N],
        ["x[:,1:]"] = t => t.X[.., 1..],
        ["x[:,:-1]"] = t => t.X[.., ..^1],
        ["x[:,1:2]"] = t => t.X[.., 1..2],
        ["x[:,-2:]"] = t => t.X[.., ^2..],
        ["x[:,:,::2]"] = t => t.X[.., .., TensorIndex.Slice(step: 2)],
        ["x[:,:,1::2]"] = t => t.X[.., .., TensorIndex.Slice(1, step: 2)],
        ["x[...,::3]"] = t => t.X[E, TensorIndex.Slice(step: 3)],
        ["x[...,1:4:2]"] = t => t.X[E, TensorIndex.Slice(1, 4, 2)],
        ["x[:,5:]"] = t => t.X[.., 5..],
        ["x[:,2:1]"] = t => t.X[.., 2..1],
        ["x[:,-9:9]"] = t => t.X[.., TensorIndex.Slice(-9, 9)],
        ["v[3:]"] = t => t.V[3..],
        ["v[:-3]"] = t => t.V[..^3],
        ["v[2:8:3]"] = t => t.V[TensorIndex.Slice(2, 8, 3)],
        ["v[-4:-1]"] = t => t.V[^4..^1],
        ["v[i]"] = t => t.V[t.I],
        ["v[j]"] = t => t.V[t.J],
        ["v[-i]"] = t => t.V[-t.I],
        ["v[v>4]"] = t => t.V[t.V > 4],
        ["v[T(True)]"] = t => t.V[Tensor.FromScalar(true)],
        ["v[T(False)]"] = t => t.V[Tensor.FromScalar(false)],
        ["v[T(3)]"] = t => t.V[Tensor.FromScalar(3L)],
        ["x[i]"] = t => t.X[t.I],
        ["x[:,i]"] = t => t.X[.., t.I],
        ["x[:,:,i]"] = t => t.X[.., .., t.I],
        ["x[...,i]"] = t => t.X[E, t.I],
        ["x[0,i]"] = t => t.X[0, t.I],
        ["x[i,0]"] = t => t.X[t.I, 0],
        ["x[i,i]"] = t => t.X[t.I, t.I],
        ["x[i,:,i]"] = t => t.X[t.I, .., t.I],
        ["x[:,i,i]"] = t => t.X[.., t.I, t.I],
        ["x[:,i,:,i]"] = t => t.X[.., t.I, .., t.I],
        ["x[j%2]"] = t => t.X[t.J % 2],
        ["x[:,j]"] = t => t.X[.., t.J],
        ["x[i,None]"] = t => t.X[t.I, N],
        ["x[:,None,i]"] = t => t.X[.., N, t.I],
        ["x[...,i,0]"] = t => t.X[E, t.I, 0],
        ["x[0,...,i]"] = t => t.X[0, E, t.I],
        ["x[i,i,i,i]"] = t => t.X[t.I, t.I, t.I, t.I],
        ["x[T([[0],[1]]),T([0,2])]"] = t => t.X[Tensor.From([0L, 1], [2, 1]), Tensor.From([0L, 2])],
        ["x[T([[0],[1]]),:,T([0,2])]"] = t => t.X[Tensor.From([0L, 1], [2, 1]), .., Tensor.From([0L, 2])],
        ["x[:,m1]"] = t => t.X[.., t.M1],
        ["x[...,m1,:,:]"] = t => t.X[E, t.M1, .., ..],
        ["x[:,m2]"] = t => t.X[.., t.M2],
        ["x[0,m2]"] = t => t.X[0, t.M2],
        ["x[m4]"] = t => t.X[t.M4],
        ["x[:,m1,i[:2]]"] = t => t.X[.., t.M1, t.I[..2]],
        ["x[:,m1,:,2]"] = t => t.X[.., t.M1, .., 2],
        ["x[1:,m2]"] = t => t.X[1.., t.M2],
        ["x[0,m1,None]"] = t => t.X[0, t.M1, N],
        ["x[T([],dtype=torch.int64)]"] = t => t.X[Tensor.Empty([0], DType.Int64)],
        ["x[:,m2&False]"] = t => t.X[.., t.M2 & Tensor.FromScalar(false)],
    };

    private static readonly Dictionary<string, Action<Inputs>> Assignments = new()
    {
        ["x[0]=v[:5]"] = t => t.X[0] = t.V[..5],
        ["x[:,1]=T(7)"] = t => t.X[.., 1] = Tensor.FromScalar(7L),
        ["x[...,0]=x[...,1]"] = t => t.X[E, 0] = t.X[E, 1],
        ["x[m4]=T(-1)"] = t => t.X[t.M4] = Tensor.FromScalar(-1L),
        ["x[:,m1]=T(9)"] = t => t.X.FillInPlace(9, .., t.M1),
        ["x[i[:2],i[:2]]=T(5)"] = t => t.X[t.I[..2], t.I[..2]] = Tensor.FromScalar(5L),
        ["x[:,:,::2]=v[:5]"] = t => t.X[.., .., TensorIndex.Slice(step: 2)] = t.V[..5],
        ["x[0,1]=torch.ones(1,1,4,5,dtype=torch.int64)"] = t => t.X[0, 1] = Tensor.Ones([1, 1, 4, 5], DType.Int64),
        ["x[1,...,2]=v[:4]"] = t => t.X[1, E, 2] = t.V[..4],
        ["x[:,m2]=v[:5]"] = t => t.X[.., t.M2] = t.V[..5],
        ["x[None,0,0,0]=v[5:]"] = t => t.X[N, 0, 0, 0] = t.V[5..],
        ["x[0,1:1]=T(3)"] = t => t.X.FillInPlace(3, 0, 1..1),
        ["x[-1,-1,-1,-1]=T(1000)"] = t => t.X.FillInPlace(1000, ^1, ^1, ^1, ^1),
    };

    public static TheoryData<string> FormNames => [.. Forms.Keys];

    public static TheoryData<string> AssignmentNames => [.. Assignments.Keys];

    [Theory]
    [MemberData(nameof(FormNames))]
    public void Reading_gives_what_Python_gives(string expression)
    {
        using var scope = new TensorScope();
        var row = Figures.Read<Row>("indexing").Single(row => row.Name == expression);
        var result = Forms[expression](new Inputs());
        Assert.Equal(row.Shape, result.Shape);
        Assert.Equal(row.Values, result.ToArray<double>());
    }

    [Theory]
    [MemberData(nameof(AssignmentNames))]
    public void Writing_changes_what_Python_changes(string statement)
    {
        using var scope = new TensorScope();
        var row = Figures.Read<Row>("assignment").Single(row => row.Name == statement);
        var inputs = new Inputs();
        Assignments[statement](inputs);
        Assert.Equal(row.Values, inputs.X.ToArray<double>());
    }

    [Fact]
    public void Every_figure_is_asked()
    {
        Assert.Equal(Figures.Read<Row>("indexing").Select(row => row.Name).Order(), Forms.Keys.Order());
        Assert.Equal(Figures.Read<Row>("assignment").Select(row => row.Name).Order(), Assignments.Keys.Order());
    }

    [Fact]
    public void A_slice_after_a_mask_of_two_dimensions_is_of_the_third_as_in_NumPy()
    {
        using var scope = new TensorScope();
        var t = new Inputs();
        Assert.True(t.X[.., t.M2, 1..4].EqualTo(t.X[.., .., .., 1..4][.., t.M2]));
    }

    [Fact]
    public void A_view_shares_memory_and_a_gathered_part_does_not()
    {
        using var scope = new TensorScope();
        var x = Tensor.Zeros([3, 4]);
        x[1, 1..3].FillInPlace(5);
        x[Tensor.From([2L])].FillInPlace(7);
        Assert.Equal([0f, 5, 5, 0], x[1].ToArray<float>());
        Assert.Equal(0f, x[2].Sum().Item<float>());
        Assert.Equal(x.Storage.Address, x[E].Storage.Address);
    }

    [Fact]
    public void Outside_its_bounds_an_index_is_refused_with_the_shape()
    {
        using var scope = new TensorScope();
        var x = Tensor.Zeros([2, 3]);
        Assert.Contains("[2, 3]", Assert.Throws<TorchException>(() => x[.., 3]).Message);
        Assert.Contains("[2, 3]", Assert.Throws<TorchException>(() => x[-3]).Message);
        Assert.Contains("3 indices for a tensor of 2 dimensions, [2, 3]", Assert.Throws<TorchException>(() => x[0, 0, 0]).Message);
        Assert.Contains("ellipsis", Assert.Throws<TorchException>(() => x[E, 0, E]).Message);
        Assert.Throws<TorchException>(() => x[Tensor.From([5L])]);
        Assert.Throws<TorchException>(() => x[Tensor.From([true, false, true])]);
        Assert.Throws<TorchException>(() => x[0] = Tensor.Zeros([2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorIndex.Slice(step: -1));
    }

    [Fact]
    public void Views_on_the_way_are_freed_at_once()
    {
        long before = TensorDiagnostics.Unfreed;
        using (var x = Tensor.Zeros([2, 3, 4]))
        using (x[0, 1.., ^1])
        {
            Assert.Equal(before + 2, TensorDiagnostics.Unfreed);
        }

        Assert.Equal(before, TensorDiagnostics.Unfreed);
    }

    [Fact]
    public void Gradients_flow_through_views_gathers_and_assignments()
    {
        using var scope = new TensorScope();
        var x = Tensor.Zeros([2, 3]).WithGrad();
        (x[0, 1] + x[Tensor.From([0L, 0])].Sum()).Backward();
        Assert.Equal([2f, 3, 2, 0, 0, 0], x.Grad!.ToArray<float>());
        var y = x * 2;
        var z = Tensor.Ones([3]).WithGrad();
        y[1] = z * 5;
        Assert.Equal([5f, 5, 5], Gradients.Of([y.Sum()], [z])[0].ToArray<float>());
    }

    internal sealed record Row(string Name, long[] Shape, double[] Values);

    /// <summary>The tensors that the figures were made with.</summary>
    private sealed class Inputs
    {
        public Tensor X { get; } = Tensor.Arange(120, DType.Int64).Reshape([2, 3, 4, 5]);

        public Tensor V { get; } = Tensor.Arange(10, DType.Int64);

        public Tensor I { get; } = Tensor.From([1L, 0, 1]);

        public Tensor J { get; } = Tensor.From([0L, -1, 2, 1], [2, 2]);

        public Tensor M1 { get; } = Tensor.From([true, false, true]);

        public Tensor M2 => (Tensor.Arange(12, DType.Int64).Reshape([3, 4]) % 5).Eq(1);

        public Tensor M4 => (X % 7).Eq(3);
    }
}
