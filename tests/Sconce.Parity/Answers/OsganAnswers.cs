using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Generation.Osgan;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>OSGAN: DCGAN's networks, the packed loss, one-stage steps.</summary>
internal sealed class OsganAnswers : ParityAnswers
{
    internal override string System => "osgan";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "dcgan_generator" =>
                ParityAnswer.Of(new DcGanGenerator(config.Int("zdim", 100), config.Int("num_channel", 1), config.Int("d", 128)), "z"),
            "dcgan_discriminator" => Judge(new DcGanDiscriminator(config.Int("num_channel", 1), config.Int("d", 128))),
            "dcgan_discriminator_gn" => Judge(
                new DcGanDiscriminator(config.Int("num_channel", 1), config.Int("d", 128), DcGanNorm.Group, config.Int("num_groups", 32))),
            "pack_loss_bce" => ParityAnswer.Of(Packed),
            "one_stage_symmetric" => Step(question, GanLoss.Saturating, packed: false),
            "one_stage_asymmetric" => Step(question, GanLoss.NonSaturating, packed: true),
            "one_stage_asymmetric_simple" => Step(question, GanLoss.NonSaturating, packed: false),
            "one_stage_wgan" => Step(question, GanLoss.Wasserstein, packed: false),
            _ => null,
        };
    }

    /// <summary>Officially a batch of one is squeezed to a number without dimensions.</summary>
    private static ParityAnswer Judge(DcGanDiscriminator network) =>
        new(network, inputs => new() { ["out"] = network.Call(inputs["x"]).Squeeze() });

    private static Dictionary<string, Tensor> Packed(ParityInputs inputs)
    {
        var loss = GanLoss.NonSaturating;
        var fake = inputs["pred_fake"];
        var terms = new OneStageTerms(loss.Real(inputs["pred_real"]).Mean(), fake, loss.Fake(fake), loss.Generator(fake));
        return new()
        {
            ["gamma"] = OneStage.Ratios(terms),
            ["pack"] = terms.Real + OneStage.Pack(terms),
            ["loss_d"] = loss.OfDiscriminator(inputs["pred_real"], fake).Detach(),
            ["loss_g"] = loss.OfGenerator(fake).Detach(),
        };
    }

    private static ParityAnswer Step(ParityCase question, GanLoss loss, bool packed)
    {
        long[] first = question.StateShape("generator.0.weight"), second = question.StateShape("generator.2.weight");
        long[] filters = question.StateShape("discriminator.0.weight"), last = question.StateShape("discriminator.3.weight");
        var generator = new Sequential(new Linear(first[1], first[0]), new Relu(), new Linear(second[1], second[0]), new Tanh());
        var discriminator = new Sequential(
            new Conv2d((int)filters[1], (int)filters[0], (int)filters[2], 2, 1),
            new LeakyRelu(0.2),
            new Flatten(),
            new Linear(last[1], last[0]));
        var module = new ModuleDictionary<Sequential> { ["generator"] = generator, ["discriminator"] = discriminator };
        return new ParityAnswer(module, inputs =>
        {
            using var recording = Gradients.On();
            module.ZeroGrad();
            var real = inputs["x"];
            Tensor? value = null;
            var losses = OneStage.Backward(generator.Call(inputs["z"]).Reshape([-1, .. real.Shape[1..]]), crossing =>
            {
                // Wasserstein's released code takes one mean over real ones and fakes: half of each.
                double share = ReferenceEquals(loss, GanLoss.Wasserstein) ? 0.5 : 1;
                var judged = discriminator.Call(crossing);
                var terms = new OneStageTerms(
                    loss.Real(discriminator.Call(real)).Mean() * share, judged, loss.Fake(judged) * share, loss.Generator(judged) * share);
                value = (packed ? terms.Real + OneStage.Pack(terms) : terms.Real + terms.Fake.Mean()).Detach().Hold();
                return terms;
            });
            var outputs = new Dictionary<string, Tensor> { ["loss"] = value!, ["gamma"] = losses.Ratios };
            foreach (var (name, parameter) in module.NamedParameters()) outputs["grad." + name] = parameter.Grad!;
            return outputs;
        });
    }
}
