using Sconce.Systems.Generation.GanTickets;
using Sconce.Systems.Tests.Generation;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.GanTickets;

/// <summary>Tickets that are sought and trained, as <c>sconce train --method ticket</c> has them.</summary>
[Collection(LiveTensors.Name)]
public sealed class TicketMethodTests : IDisposable
{
    private readonly TicketMethod method = new();
    private readonly TrialRuns runs;

    public TicketMethodTests() => runs = new(method, new MiniGenerators());

    public void Dispose() => runs.Dispose();

    [Theory]
    [InlineData("mini_sngan", RewindTo.Init, 10)]
    [InlineData("mini_dcgan", RewindTo.Early, 14)]
    [InlineData("mini_stylegan", RewindTo.Random, 16)]
    public void A_search_that_was_stopped_goes_on_bit_for_bit_and_ends_in_a_ticket(string network, RewindTo rewind, int after)
    {
        var asked = With(network, rules => rules with { Rewind = rewind });
        var best = runs.AssertResumes(asked, after).Best!;
        Assert.Equal(3, best.Epoch);                            // of the ticket, not of a network with more weights
        Assert.Equal(0.25, best.Figures["left_generator"], 0.01);
        Assert.Equal(0.25, best.Figures["left_discriminator"], 0.03);
        string left = Assert.Single(method.Facts(Path.Combine(runs.Root, "whole")), fact => fact.Name == "left of it").Value;
        Assert.Matches(@"\(2[45]\.\d %\)", left);
    }

    [Fact]
    public void Weights_that_fell_are_zero_and_a_whole_discriminator_can_be_kept()
    {
        var asked = With("mini_sngan", rules => rules with { GeneratorOnly = true });
        Assert.Equal(1, runs.Train(asked, "run").Best!.Figures["left_discriminator"]);
        using var scope = new TensorScope();
        using var checkpoint = Checkpoint.Open(Path.Combine(runs.Root, "run", "last.ckpt"));
        var weight = checkpoint.Tensors.First(tensor => tensor.Name.EndsWith("generator.block2.c1.weight", StringComparison.Ordinal)
            && !tensor.Name.Contains("masks", StringComparison.Ordinal) && !tensor.Name.Contains("rewind", StringComparison.Ordinal));
        long zeros = ModelWeights.ToTensor(weight).Eq(0).Sum().Item<long>();
        Assert.InRange(zeros, 1, weight.Shape.Aggregate(1L, (product, side) => product * side) - 1);
    }

    [Theory]
    [InlineData("epochs", "3 at least")]
    [InlineData("patience", "runs to its end")]
    [InlineData("advaug", "cannot be stopped at a feature")]
    public void What_means_nothing_is_one_line(string fault, string expected)
    {
        var asked = fault switch
        {
            "epochs" => With("mini_sngan", rules => rules, epochs: 2),
            "patience" => With("mini_sngan", rules => rules) is var own ? own.With(own.Run with { Patience = 2 }) : null!,
            _ => With("mini_stylegan", rules => rules with { Distance = 0.1 }),
        };
        Assert.Contains(expected, Assert.Throws<SettingsException>(() => runs.Open(asked)).Message, StringComparison.Ordinal);
    }

    /// <summary>Two rounds of an epoch, in each of which half of the weights fall, and an epoch for the ticket.</summary>
    private RunConfiguration With(string network, Func<TicketRules, TicketRules> change, int epochs = 3)
    {
        var asked = runs.Asked(network, game => game with { GeneratorEvery = 2 });
        asked = asked.With(asked.Run with { Epochs = epochs });
        var own = asked.Of<TicketSettings>();
        return asked with { Settings = own with { Ticket = change(own.Ticket with { Rounds = 2, RoundEpochs = 1, Prune = 0.5 }) } };
    }
}
