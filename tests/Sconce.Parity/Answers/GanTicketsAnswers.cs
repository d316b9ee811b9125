using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Systems.Generation.GanTickets;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>GAN tickets: SNGAN's networks, adversarial features, both rules of pruning.</summary>
internal sealed class GanTicketsAnswers : ParityAnswers
{
    internal override string System => "gan_tickets";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "sngan_generator" => ParityAnswer.Of(Generator(config), "z"),
            "sngan_discriminator" => Discriminator(config),
            "pgd" => Perturbed(question),
            "adv_aug_step" => Step(config),
            "global_magnitude_prune" => ParityAnswer.Of(inputs => Pruned(config, inputs, PruningRule.Threshold)),
            "global_l1_prune" => ParityAnswer.Of(inputs => Pruned(config, inputs, PruningRule.Count)),
            _ => null,
        };
    }

    private static SnganGenerator Generator(Config config) =>
        new(config.Int("latent_dim", 128), config.Int("bottom_width", 4), config.Int("gf_dim", 256));

    private static ParityAnswer Discriminator(Config config)
    {
        var network = new SnganDiscriminator(config.Int("df_dim", 128), config.Bool("d_spectral_norm", true));
        return new ParityAnswer(network, inputs =>
        {
            FillSingularVectors(network);
            var features = network.Features(inputs["x"]);
            return new() { ["feature"] = features, ["out"] = network.Judge(features) };
        });
    }

    private static ParityAnswer Perturbed(ParityCase question)
    {
        var config = question.Config;
        long[] first = question.StateShape("0.weight"), second = question.StateShape("2.weight");
        var network = new Sequential(new Linear(first[1], first[0]), new Relu(), new Linear(second[1], second[0]));
        var rule = new AdversarialFeatures { Steps = config.Int("steps", 1), Distance = config.Double("gamma") };
        return new ParityAnswer(network, inputs => new() { ["out"] = rule.Perturb(network.Call, inputs["x"]) });
    }

    private static ParityAnswer Step(Config config)
    {
        var generator = Generator(config);
        var discriminator = new SnganDiscriminator(config.Int("df_dim", 128), config.Bool("d_spectral_norm", true));
        var module = new ModuleDictionary<Module<Tensor, Tensor>> { ["gen"] = generator, ["dis"] = discriminator };
        var rule = new AdversarialFeatures { Steps = config.Int("steps", 1), Distance = config.Double("gamma") };
        return new ParityAnswer(module, inputs =>
        {
            FillSingularVectors(module);
            var (lossD, real, fake) = rule.OfDiscriminator(GanLoss.Hinge, discriminator, inputs["x"], generator.Call(inputs["z"]).Detach());
            var (lossG, moved) = rule.OfGenerator(GanLoss.Hinge, generator, discriminator.Call, inputs["z2"]);
            return new() { ["d_loss"] = lossD, ["g_loss"] = lossG, ["real_adv"] = real, ["fake_adv"] = fake, ["g_adv"] = moved };
        });
    }

    /// <summary>The cases begin the power iteration at the formula's vectors, scaled to length 1.</summary>
    private static void FillSingularVectors(Module module)
    {
        using var noGrad = Gradients.Off();
        foreach (var (name, buffer) in module.NamedBuffers().Where(buffer => buffer.Name.EndsWith("weight_u", StringComparison.Ordinal)))
        {
            buffer.CopyInPlace(Functional.Normalize(Formula.Floats(name, buffer.Shape), 0));
        }
    }

    private static Dictionary<string, Tensor> Pruned(Config config, ParityInputs inputs, PruningRule rule)
    {
        int count = inputs.All.Keys.Count(name => name.StartsWith('w'));
        var weights = Enumerable.Range(1, count).Select(k => ($"w{k}", new Parameter(inputs[$"w{k}"].Clone()))).ToList();
        using var masks = new TicketMasks(weights);
        var outputs = new Dictionary<string, Tensor>();
        int round = 1;
        foreach (double fraction in config.Doubles("fractions"))
        {
            outputs[$"round{round}_threshold"] = Tensor.FromScalar((float)masks.Prune(fraction, rule));
            masks.Apply();
            outputs[$"round{round++}_kept"] = Tensor.From([.. masks.Kept.Select(kept => (float)kept)]);
        }

        foreach (var (name, mask) in masks.Masks)
        {
            outputs[$"mask{name[1..]}"] = mask.Clone();
            if (inputs.Has($"init{name[1..]}")) outputs[$"rewound{name[1..]}"] = inputs[$"init{name[1..]}"] * mask;
        }

        foreach (var (_, weight) in weights) weight.Dispose();
        return outputs;
    }
}
