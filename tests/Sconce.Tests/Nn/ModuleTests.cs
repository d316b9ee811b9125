using System.Reflection;
using System.Reflection.Emit;
using Sconce.Nn;
using Sconce.Torch;
using Xunit;
using Buffer = Sconce.Nn.Buffer;
using Module = Sconce.Nn.Module;

namespace Sconce.Tests.Nn;

public sealed partial class ModuleTests
{
    [Fact]
    public void Keys_come_in_PyTorchs_order_parameters_then_buffers_then_children()
    {
        using var net = new Net();
        Assert.Equal(
            [
                "scale", "head.weight", "head.bias", "renamed.thing.weight", "blocks.0.weight", "blocks.0.bias", "blocks.0.running_mean",
                "blocks.0.running_var", "blocks.0.num_batches_tracked",
                "blocks.1.weight", "blocks.1.bias", "blocks.1.running_mean", "blocks.1.running_var", "blocks.1.num_batches_tracked",
                "tail.first.weight", "tail.1.weight", "tail.1.bias", "tied.weight", "tied.bias",
            ],
            net.StateDict().Select(entry => entry.Name));
        Assert.Equal(["mask"], net.NamedBuffers().Select(named => named.Name)
            .Where(name => !net.StateDict().Any(entry => entry.Name == name)));
        Assert.Equal(["", "head", "renamed.thing", "blocks", "blocks.0", "blocks.1", "tail", "tail.first", "tail.1", "tied"],
            net.NamedModules().Select(named => named.Name));
    }

    [Fact]
    public void A_shared_parameter_is_saved_twice_and_counted_once()
    {
        using var net = new Net();
        Assert.Same(net.Head.Weight, net.StateDict().Single(entry => entry.Name == "tied.weight").Tensor);
        Assert.DoesNotContain("tied.weight", net.NamedParameters().Select(named => named.Name));
        Assert.Equal(net.Parameters().Distinct().Sum(parameter => parameter.Elements), net.ParameterCount);
        Assert.Equal(1 + 10 + 6 + 8 + 4 + 4, net.ParameterCount);
    }

    [Fact]
    public void A_frozen_part_gets_no_gradient_and_thawing_gives_it_back()
    {
        using var scope = new TensorScope();
        using var net = new Net();
        net.Blocks.RequireGrad(false);
        Run(net);
        Assert.All(net.Blocks.Parameters(), parameter => Assert.Null(parameter.Grad));
        Assert.NotNull(net.Head.Weight.Grad);
        net.ZeroGrad();
        Assert.Null(net.Head.Weight.Grad);
        net.Blocks.RequireGrad();
        Run(net);
        Assert.All(net.Blocks.Parameters(), parameter => Assert.NotNull(parameter.Grad));
    }

    [Fact]
    public void Converting_the_precision_keeps_integers_identity_and_gradients_wanted()
    {
        using var net = new Net();
        var before = net.StateDict().Select(entry => entry.Tensor).ToArray();
        net.To(DType.Float64);
        Assert.Equal(before, net.StateDict().Select(entry => entry.Tensor));
        Assert.All(net.StateDict(), entry => Assert.Equal(entry.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal)
            ? DType.Int64 : DType.Float64, entry.Tensor.DType));
        Assert.All(net.Parameters(), parameter => Assert.True(parameter.RequiresGrad));
        using var scope = new TensorScope();
        Assert.Equal(DType.Float64, net.Call(Tensor.Ones([3, 4], DType.Float64)).DType);
    }

    [Fact]
    public void Training_reaches_every_module_below()
    {
        using var net = new Net();
        net.Eval();
        Assert.All(net.NamedModules(), named => Assert.False(named.Module.Training));
        net.Train();
        Assert.All(net.NamedModules(), named => Assert.True(named.Module.Training));
    }

    [Fact]
    public void A_module_is_found_by_name_and_a_wrong_name_says_what_there_is()
    {
        using var net = new Net();
        Assert.Same(net.Blocks[1], net["blocks.1"]);
        Assert.Same(net, net[""]);
        var error = Assert.Throws<KeyNotFoundException>(() => net["blocks.7"]);
        Assert.Contains("blocks.1", error.Message);
    }

    [Fact]
    public void Two_modules_of_one_key_in_a_container_are_refused()
    {
        using var linear = new Linear(2, 2);
        Assert.Throws<ArgumentException>(() => new Sequential { ["a"] = linear, ["a"] = linear });
        Assert.Throws<ArgumentException>(() => new ModuleDictionary<Linear> { ["a"] = linear, ["a"] = linear });
        Assert.Equal(["3.weight", "3.bias"], new ModuleList<Linear>(3, [linear]).StateDict().Select(entry => entry.Name));
    }

    [Fact]
    public void An_observer_sees_every_call_until_it_looks_away()
    {
        using var scope = new TensorScope();
        using var net = new Sequential(new Linear(2, 3), new Relu());
        var seen = new Names();
        using (seen.Watch()) net.Call(Tensor.Ones([1, 2]));
        net.Call(Tensor.Ones([1, 2]));
        Assert.Equal(["Linear", "Relu", "Sequential"], seen.Seen);
    }

    private static void Run(Net net)
    {
        using var scope = new TensorScope();
        net.Call(Tensor.Randn([3, 4])).Sum().Backward();
    }

    [Fact]
    public void A_sequence_within_a_sequence_keeps_its_own_place()
    {
        using var scope = new TensorScope();
        using var outer = new Sequential(new Sequential(new Linear(2, 3), new Linear(3, 2)));
        using var list = new ModuleList<Module<Tensor, Tensor>>(new Sequential(new Linear(2, 3)));
        Assert.Equal(["0.0.weight", "0.0.bias", "0.1.weight", "0.1.bias"], outer.StateDict().Select(entry => entry.Name));
        Assert.Equal(["0.0.weight", "0.0.bias"], list.StateDict().Select(entry => entry.Name));
    }

    [Theory]
    [InlineData(typeof(Linear))]
    [InlineData(typeof(Parameter))]
    [InlineData(typeof(List<Linear>))]
    [InlineData(typeof((int, Buffer[])))]
    public void A_module_that_the_generator_never_saw_and_that_hides_a_member_is_refused_when_it_is_made(Type member)
    {
        var fault = Assert.Throws<TargetInvocationException>(() => Unseen(member)).InnerException;
        string said = Assert.IsType<InvalidOperationException>(fault).Message;
        Assert.Contains("Net holds 'inner', which nothing would train", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(int))]
    [InlineData(typeof(Func<Linear, Linear>))]
    public void A_module_that_the_generator_never_saw_may_have_no_members(Type member) => Assert.Empty(Unseen(member).StateDict());

    /// <summary>A module class with one field, of an assembly of its own.</summary>
    private static Module Unseen(Type member)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Plain"), AssemblyBuilderAccess.Run);
        var type = assembly.DefineDynamicModule("Plain").DefineType("Net", TypeAttributes.Public, typeof(Module));
        type.DefineField("inner", member, FieldAttributes.Private);
        return (Module)Activator.CreateInstance(type.CreateType())!;
    }

    private sealed class Names : ModuleObserver
    {
        public List<string> Seen { get; } = [];

        protected override void Called(Module module, object? output) => Seen.Add(module.GetType().Name);
    }

    private sealed partial class Net : Module<Tensor, Tensor>
    {
        public Net() => Tied = Head;

        public Linear Head { get; } = new(4, 2);

        [Key("renamed.thing")]
        public Linear Other { get; } = new(2, 3, bias: false);

        public ModuleList<BatchNorm1d> Blocks { get; } = new(new BatchNorm1d(2), new BatchNorm1d(2));

        public Parameter Scale { get; } = Parameter.Ones(1);

        public Sequential Tail { get; } =
            new() { ["first"] = new Linear(2, 2, bias: false), ["1"] = new BatchNorm1d(2, trackRunningStats: false) };

        public Linear Tied { get; }

        [NotSaved]
        public Buffer Mask { get; } = new(Tensor.Ones([2]));

        public Linear? Absent { get; }

        protected override Tensor Forward(Tensor input)
        {
            var x = Head.Call(input) * Scale * Mask;
            foreach (var block in Blocks) x = block.Call(x);
            return Other.Call(Tail.Call(x));
        }
    }
}
