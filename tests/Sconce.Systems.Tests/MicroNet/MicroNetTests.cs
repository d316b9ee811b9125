using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Classification.MicroNet;
using Sconce.Torch;
using Xunit;
using Network = Sconce.Systems.Classification.MicroNet.MicroNet;

namespace Sconce.Systems.Tests.MicroNet;

[Collection(LiveTensors.Name)]
public class MicroNetTests
{
    [Theory]
    [InlineData("micronet_m0", 9944681193523123622UL)]
    [InlineData("micronet_m1", 4701697303597222517UL)]
    [InlineData("micronet_m2", 8103672935706187292UL)]
    [InlineData("micronet_m3", 13858241880692239886UL)]
    public void Each_variant_has_the_official_keys_and_number_of_parameters(string name, ulong keys)
    {
        var variant = MicroNetVariants.All.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, network.ParameterCount);
        StateHash.Verify(keys, network);
        Assert.DoesNotContain(network.StateDict(), entry => entry.Name.EndsWith("shift", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(24, 2, 4, false)]
    [InlineData(48, 4, 6, true)]
    [InlineData(12, 1, 1, false)]
    public void The_shift_is_a_permutation_that_leaves_no_channel_in_place(int channels, int first, int second, bool expansion)
    {
        long[] shift = DynamicShiftMax.Neighbours(new ShiftMaxConfig(channels, 8, (first, second)) { Expansion = expansion });
        Assert.Equal(Enumerable.Range(0, channels).Select(k => (long)k), shift.Order());
        Assert.DoesNotContain(shift.Select((source, channel) => source == channel), still => still);
    }

    [Fact]
    public void With_its_last_layer_at_zero_shift_max_is_what_its_initial_factors_say()
    {
        using var scope = new TensorScope();
        using var activation = new DynamicShiftMax(new ShiftMaxConfig(12, 4, (2, 3)) { InitialA = (1, 0.5), InitialB = (0, 0.5) });
        var last = (Linear)activation.Fc[2];
        Init.Constant(last.Weight, 0);
        Init.Constant(last.Bias!, 0);
        var x = Tensor.Randn([2, 12, 4, 5]);
        var shifted = x.IndexSelect(1, activation.Shift);
        Assert.True(activation.Call(x).Allclose(x.Maximum((x + shifted) / 2), atol: 1e-6));
    }

    [Fact]
    public void The_factors_stay_within_their_range_however_large_the_input()
    {
        using var scope = new TensorScope();
        using var activation =
            new DynamicShiftMax(new ShiftMaxConfig(8, 2, (2, 2)) { TwoBranches = false, InitialA = (0, 0), InitialB = (0, 0) });
        Init.Normal(((Linear)activation.Fc[2]).Weight, 100);
        var x = Tensor.Randn([1, 8, 3, 3]) * 100;
        var bound = (x.Abs() + x.Abs().IndexSelect(1, activation.Shift)) * 2;
        Assert.True((activation.Call(x).Abs() <= bound + 1e-3).All().Item<bool>());
    }

    [Fact]
    public void Every_output_channel_of_two_grouped_convolutions_sees_every_input_channel_of_the_block()
    {
        // 2108.05894 §3.1: with as many groups as the root of C / R says, nothing is lost.
        using var scope = new TensorScope();
        using var block = new MicroBlock(MicroNetVariants.M0, MicroNetVariants.M0.Rows[4], 32, 1);
        block.Eval();
        var x = Tensor.Randn([1, 32, 6, 6]);
        x.RequiresGrad = true;
        block.Call(x).Select(1, 5).Sum().Backward();
        Assert.Equal(32, x.Grad!.Abs().Sum([0, 2, 3]).Gt(0).Sum().Item<long>());
    }

    [Fact]
    public void Another_number_of_classes_and_none_change_the_last_layer_only()
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        using var ten = new Network(MicroNetVariants.M0 with { Classes = 10 });
        using var none = new Network(MicroNetVariants.M0 with { Classes = 0 });
        ten.Eval();
        none.Eval();
        var x = Tensor.Randn([2, 3, 64, 64]);
        Assert.Equal([2, 10], ten.Call(x).Shape.ToArray());
        Assert.Equal([2, 640], none.Call(x).Shape.ToArray());
    }

    [Fact]
    public void Rows_that_are_none_and_groups_that_do_not_divide_are_refused()
    {
        Assert.Contains("15 columns", Assert.Throws<ArgumentException>(() => MicroNetRow.Table("2 1 8 3")).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Network(new MicroNetConfig([])));
        Assert.Throws<ArgumentException>(() => new Network(MicroNetVariants.M0 with { StemGroups = (3, 2) }));
        Assert.Contains("groups", Assert.Throws<ArgumentException>(() => new DynamicShiftMax(new ShiftMaxConfig(10, 4, (2, 3)))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_claims_nets_have_the_sheets_parameters()
    {
        using var skipped = Init.Skipped();
        foreach (var (activation, parameters) in ((MicroNetActivation, long)[])[(MicroNetActivation.DynamicShiftMax, 22_456),
            (MicroNetActivation.Relu6, 10_032), (MicroNetActivation.SqueezeExcite, 16_144)])
        {
            using var network = new Network(MicroNetClaim.SmallNet(activation));
            Assert.Equal(parameters, network.ParameterCount);
        }
    }

    [Fact]
    public void The_rule_can_fail()
    {
        Dictionary<string, List<double>> values =
            new() { ["ReLU6"] = [0.5, 0.5], ["squeeze-and-excitation"] = [0.6, 0.6], ["Dynamic Shift-Max"] = [0.85, 0.9] };
        Assert.Equal(Verdict.Holds, MicroNetClaim.Judge(values).Verdict);
        values["squeeze-and-excitation"] = [0.8, 0.85];
        Assert.Equal(Verdict.DoesNotHold, MicroNetClaim.Judge(values).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new MicroNetClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}
