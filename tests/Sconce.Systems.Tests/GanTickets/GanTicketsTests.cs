using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Optim;
using Sconce.Systems.Generation.GanTickets;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.GanTickets;

[Collection(LiveTensors.Name)]
public sealed class GanTicketsTests
{
    [Fact]
    public void Keys_and_shapes_are_the_official_ones()
    {
        using var skipped = Init.Skipped();
        using var generator = new SnganGenerator();
        using var discriminator = new SnganDiscriminator();
        Assert.Equal(0x9cf07e0f81f4e560, StateHash.Of(generator));
        Assert.Equal(0x3b06c781c32b0c15u, StateHash.Of(discriminator));
    }

    [Fact]
    public void Without_spectral_norms_the_keys_are_plain_and_a_bottom_of_six_paints_48_pixels()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var plain = new SnganDiscriminator(6, spectral: false);
        Assert.Contains("block1.c_sc.weight", plain.StateDict().Select(entry => entry.Name));
        using var generator = new SnganGenerator(4, bottom: 6, width: 4);
        Assert.Equal([2, 3, 48, 48], generator.Call(Tensor.Randn([2, 4])).Shape.ToArray());
    }

    [Theory]
    [InlineData(PruningRule.Count)]
    [InlineData(PruningRule.Threshold)]
    public void After_k_rounds_the_share_left_is_the_power_of_what_a_round_keeps(PruningRule rule)
    {
        using var scope = new TensorScope();
        using var network = new SnganDiscriminator(8);
        using var masks = new TicketMasks(TicketMasks.Convolutions(network));
        for (int round = 1; round <= 6; round++)
        {
            masks.Prune(0.2, rule);
            Assert.InRange(masks.Remaining, (masks.Total * Math.Pow(0.8, round)) - (5.0 * round), (masks.Total * Math.Pow(0.8, round)) + 1);
        }
    }

    [Fact]
    public void The_smallest_over_all_convolutions_fall_and_linear_layers_and_norms_stay()
    {
        using var scope = new TensorScope();
        using var network = new SnganGenerator(4, 4, 4);
        var names = TicketMasks.Convolutions(network).Select(named => named.Name).ToList();
        Assert.Equal(10, names.Count);
        Assert.DoesNotContain("l1.weight", names);
        using var masks = new TicketMasks(TicketMasks.Convolutions(network));
        double threshold = masks.Prune(0.5, PruningRule.Count);
        masks.Apply();
        foreach (var ((_, mask), (_, weight)) in masks.Masks.Zip(TicketMasks.Convolutions(network)))
        {
            Assert.Equal((weight.Abs() > threshold).Sum().Item<long>(), (long)mask.Sum().Item<double>());
            Assert.True(weight.Ne(0).Equal(mask.Ne(0)));
        }
    }

    [Fact]
    public void Modulated_and_equalised_convolutions_can_be_pruned_too()
    {
        using var network = new StyleGan2Generator(
            new StyleGanConfig(8) { StyleWidth = 4, MappingLayers = 1, Channels = new Dictionary<int, int> { [4] = 4, [8] = 4 } });
        var names = TicketMasks.Convolutions(network).Select(named => named.Name).ToList();
        Assert.Contains("convs.0.conv.weight", names);
        Assert.DoesNotContain("input.input", names);
        using var linear = new Linear(2, 2);
        Assert.Throws<ArgumentException>(() => new TicketMasks(TicketMasks.Convolutions(linear)));
    }

    [Fact]
    public void Survivors_are_wound_back_and_masked_weights_stay_zero_through_training()
    {
        using var scope = new TensorScope();
        using var network = new SnganDiscriminator(4);
        using var start = new RewindPoint(network);
        var first = network.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor.Clone());
        using var masks = new TicketMasks(TicketMasks.Convolutions(network));
        using var optimizer = new Adam(network.Parameters(), 0.1);
        Train();
        masks.Prune(0.6, PruningRule.Threshold);
        start.Restore(network, masks);
        foreach (var (name, mask) in masks.Masks)
        {
            Assert.True(network.StateDict().Single(entry => entry.Name == name).Tensor.Equal(first[name] * mask));
        }
        Train();
        Assert.NotEmpty(masks.Broken()); // Adam moves them by their momentum
        masks.Apply();
        Assert.Empty(masks.Broken());

        void Train()
        {
            for (int step = 0; step < 2; step++)
            {
                optimizer.ZeroGrad();
                Gradients.Backward([network.Call(Tensor.Randn([2, 3, 16, 16])).Square().Sum()]);
                optimizer.Step();
            }
        }
    }

    [Fact]
    public void Masks_go_through_a_checkpoint_and_another_networks_are_refused()
    {
        using var network = new SnganGenerator(4, 4, 4);
        using var masks = new TicketMasks(TicketMasks.Convolutions(network));
        masks.Prune(0.3, PruningRule.Count);
        using var again = new TicketMasks(TicketMasks.Convolutions(network));
        again.Load(masks.State());
        Assert.Equal(masks.Kept, again.Kept);
        using var other = new SnganGenerator(4, 4, 6);
        using var others = new TicketMasks(TicketMasks.Convolutions(other));
        Assert.Contains("another network's", Assert.Throws<ArgumentException>(() => others.Load(masks.State())).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => masks.Prune(1, PruningRule.Count));
    }

    [Fact]
    public void A_perturbation_moves_every_number_by_its_distance_raises_the_judgement_and_leaves_parameters_alone()
    {
        using var scope = new TensorScope();
        using var judge = new Linear(6, 1);
        var features = Tensor.Randn([5, 6]);
        features.RequiresGrad = true;
        var moved = new AdversarialFeatures { Distance = 0.05 }.Perturb(judge.Call, features);
        Assert.True((moved - features).Abs().Allclose(Tensor.Full([5, 6], 0.05), atol: 1e-5));
        Assert.True(judge.Call(moved).Mean().Item<double>() > judge.Call(features).Mean().Item<double>());
        Assert.Null(judge.Weight.Grad);
        Assert.True(Gradients.Of([moved.Sum()], [features])[0].Equal(Tensor.Ones([5, 6])));
    }

    [Fact]
    public void Both_players_losses_are_halves_of_clean_and_moved_ones()
    {
        using var scope = new TensorScope();
        using var discriminator = new SnganDiscriminator(6, spectral: false);
        Tensor real = Tensor.Randn([4, 3, 16, 16]), fake = Tensor.Randn([4, 3, 16, 16]);
        var still = new AdversarialFeatures { Distance = 0 };
        double plain = GanLoss.Hinge.OfDiscriminator(discriminator.Call(real), discriminator.Call(fake)).Item<double>();
        Assert.Equal(
            plain, still.OfDiscriminator(GanLoss.Hinge, discriminator, real, fake).Loss.Item<double>(), 1e-4 * (1 + Math.Abs(plain)));
    }
}
