using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Systems.Generation.CharacterGan;
using Sconce.Systems.Generation.Dalle;
using Sconce.Systems.Generation.Guigan;
using Sconce.Systems.Generation.Trecs;
using Sconce.Systems.Generation.Vqgan;
using Sconce.Systems.Multimodal.Clip;
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
    [InlineData("relabel", "classify", "picture.png")]
    [InlineData("barlow_twins", "embed", "picture.png")]
    [InlineData("detr", "detect", "picture.png")]
    [InlineData("circuits", "classify", "picture.png")]
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
    public void The_kept_pair_of_encoders_reads_the_words_of_its_captions_and_no_others()
    {
        using var model = ClipClaimRun.Network.Create(Networks.ModelOptions.Official);
        var target = new AbilityRegistry(Systems.Catalogue.Systems).OfCheckpoint(Saved(ClaimNetwork.Of(ClipClaimRun.Network.Name, model)));
        using var session = target!.Open<ClipClassifier>(Verb.Classify, new AbilityOptions { Device = Device.Cpu });
        var picture = Picture.Of(Given("picture.png"));
        var labels = session.Ask(picture, new ClipLabelSettings { Labels = LabelsOf("red circle", "blue square") });
        Assert.Equal(1, labels.Items.Sum(label => label.Confidence), 1e-4);
        var fault = Assert.Throws<UsageException>(() =>
            session.Ask(picture, new ClipLabelSettings { Labels = LabelsOf("a kangaroo", "blue square") }));
        Assert.Contains("'kangaroo' is none of the words", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_known_of_a_character_travels_with_its_network()
    {
        using var painter = new CharacterGenerator(CharacterGanSystem.Small);
        string path = Saved(ClaimNetwork.Of(
            CharacterGanSystem.SmallName, painter,
            files: new Dictionary<string, byte[]> { [CharacterRig.FileName] = Puppet.Rig.Content() }));
        var rig = CharacterRig.Of(path);
        Assert.Equal((Puppet.Side, Puppet.Rig.Dot), (rig!.Side, rig.Dot));
        Assert.Equal(Puppet.Labels, rig.Labels);
        using var scope = new TensorScope();
        var pose = Puppet.Pose(new Random(1));
        Keypoint[] points = [.. pose.Select(point => new Keypoint((int)point.X, (int)point.Y))];
        float[] learned = Puppet.Maps([.. points.Select(point => ((double)point.X, (double)point.Y))]);
        Assert.Equal(learned, CharacterTensors.Maps(rig, Puppet.Layers, points).ToArray<float>());
    }

    [Fact]
    public void Every_claim_keeps_a_network_or_says_why_not()
    {
        // What is not said to keep none has a network to keep: of its own, or one that it names in the catalogue.
        string[] silent = [.. Systems.Catalogue.Systems
            .Where(system => system.Claim is { KeepsNone: null } && system.ClaimNetworks.Count == 0 && system.Variants.Count == 0)
            .Select(system => system.Card.Name)];
        Assert.Empty(silent);
        Assert.All(
            Systems.Catalogue.Systems.Select(system => system.Claim?.KeepsNone).OfType<string>(),
            reason => Assert.EndsWith(".", reason, StringComparison.Ordinal));
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

    private static LabelList LabelsOf(params string[] names) => new(names);

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
