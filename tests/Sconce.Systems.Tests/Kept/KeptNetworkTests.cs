using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Systems.Generation.Dalle;
using Sconce.Systems.Generation.GanTickets;
using Sconce.Systems.Generation.Guigan;
using Sconce.Systems.Generation.HyperRim;
using Sconce.Systems.Generation.Osgan;
using Sconce.Systems.Generation.Trecs;
using Sconce.Systems.Generation.Vqgan;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Kept;

/// <summary>What a quick claim keeps is all that an ability needs: one file, alone in a folder.</summary>
[Collection(LiveTensors.Name)]
public sealed class KeptNetworkTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-kept-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData("osgan", "generate", "")]
    [InlineData("gan_tickets", "generate", "")]
    [InlineData("hyperrim", "upscale", "picture.png")]
    [InlineData("guigan", "generate", "")]
    [InlineData("trecs", "generate", "narratives.jsonl")]
    public void The_ability_answers_with_the_network_that_a_quick_claim_kept(string system, string verb, string given)
    {
        var claim = Systems.Catalogue.Systems.First(one => one.Card.Name == system).Claim!;
        var seed = claim.RunSeed(0, new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.NotNull(seed.Network);
        Ask(seed.Network, verb, given);
    }

    [Theory]
    [InlineData("generate", "")]
    [InlineData("complete", "picture.png")]
    [InlineData("reconstruct", "picture.png")]
    public void The_two_stages_of_codes_are_kept_as_one_network(string verb, string given)
    {
        using var trial = new CodeTrial();
        Ask(trial.Keep(), verb, given);
    }

    [Theory]
    [InlineData("generate", "red disc topleft")]
    [InlineData("reconstruct", "picture.png")]
    public void Captions_of_the_claims_words_are_painted_by_what_it_keeps(string verb, string given)
    {
        using var trial = new DalleTrial();
        using var transformer = DalleTrial.NewTransformer();
        Ask(trial.Keep(transformer), verb, given);
    }

    [Fact]
    public void What_the_claims_autoencoder_makes_of_a_picture_the_kept_one_makes_too()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var trial = new CodeTrial();
        string path = Saved(trial.Keep());
        using var kept = CodeTrial.Network.CreateTrained<Net2Net>(path, Networks.ModelOptions.Official);
        var pictures = PairedObjects.Draw(2, new Random(1));
        var difference = (trial.Reconstruct(pictures) - kept.FirstStageModel.DecodeCodes(kept.FirstStageModel.CodesOf(pictures))).Abs();
        Assert.InRange(difference.Max().Item<double>(), 0, 1e-5);
    }

    [Fact]
    public void The_kept_writer_of_screens_writes_parts_alone()
    {
        var seed = new GuiganClaim().RunSeed(0, new(Quick: true), null, TestContext.Current.CancellationToken);
        using var writer = new LoadedWriter(new ScreenWriter(16, 24), Saved(seed.Network!));
        using var scope = new TensorScope();
        long[] written = writer.Generator.Sample(50, writer.Library.Length).ToArray<long>();
        Assert.All(written, token => Assert.True(token == 0 || token >= ScreenLibrary.FirstPart, $"token {token}"));
        Assert.Contains(written, token => token >= ScreenLibrary.FirstPart);
    }

    private void Ask(ClaimNetwork network, string verb, string given)
    {
        var target = new AbilityRegistry(Systems.Catalogue.Systems).OfCheckpoint(Saved(network));
        Assert.NotNull(target);
        var ability = target.Abilities.First(one => one.Verb.Name == verb);
        using var session = target.Open(ability, new AbilityOptions { Device = Device.Cpu });
        var answers = session.Answer(
            [ability.InputOf(Given(given))], ability.Settings.Initial, null, TestContext.Current.CancellationToken);
        Assert.All(answers.SelectMany(answer => answer.Parts), part =>
        {
            if (part.Part is MadePictures pictures) Assert.All(pictures.Items, picture => Assert.True(picture.Width > 0));
        });
    }

    private string Saved(ClaimNetwork network)
    {
        string path = Path.Combine(folder, "network.ckpt");
        File.WriteAllBytes(path, network.Content);
        return path;
    }

    private string Given(string given)
    {
        string path = Path.Combine(folder, given);
        switch (given)
        {
            case "picture.png":
                var picture = new Image(8, 8);
                picture.Fill(new PixelBox(0, 0, 8, 8), new Rgb(90, 120, 150));
                picture.Save(path);
                return path;
            case "narratives.jsonl":
                NarrativeFile.Save(path, [TinyWorld.Draw(new Random(3), "one").Narrative]);
                return path;
            default:
                return given;
        }
    }
}
