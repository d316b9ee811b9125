using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Generation.GanTickets;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Catalogue;

public sealed class GenerationVariantTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-players-").FullName;

    public static TheoryData<string> Names =>
        [
            "dcgan", "stylegan2_64", "stylegan2_256", "stylegan2_1024", "swagan_64", "swagan_256", "swagan_1024", "osgan_celeba",
            "osgan_celeba_asymmetric", "osgan_mnist", "sngan_cifar10", "sngan_stl10", "cips_skip_256", "cips_res_256", "modnet",
        ];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_network_has_the_number_of_parameters_that_its_card_says(string name)
    {
        using var skipped = Init.Skipped();
        var variant = Models.Registry.Get(name);
        using var network = variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, network.ParameterCount);
    }

    [Fact]
    public void A_file_of_several_players_gives_the_averaged_generator_and_one_of_one_gives_that()
    {
        using var scope = new TensorScope();
        var variant = Models.Registry.Get("sngan_cifar10");
        using var averaged = new SnganGenerator();
        using var present = new SnganGenerator();
        using var discriminator = new SnganDiscriminator();
        var players = new ModuleDictionary<Module>
        {
            ["gen_state_dict"] = present,
            ["dis_state_dict"] = discriminator,
            ["avg_gen_state_dict"] = averaged,
        };
        using var loaded = variant.Create(ModelOptions.Official);
        string together = Path.Combine(folder, "together.pth");
        string alone = Path.Combine(folder, "alone.pth"), wrong = Path.Combine(folder, "wrong.pth");
        ModelWeights.Save(players, together);
        variant.Load(loaded, together);
        Assert.True(Same(loaded, averaged));
        ModelWeights.Save(present, alone);
        variant.Load(loaded, alone);
        Assert.True(Same(loaded, present));
        ModelWeights.Save(discriminator, wrong);
        Assert.Contains("of a discriminator", Assert.Throws<CheckpointException>(() => variant.Load(loaded, wrong)).Message);
        Assert.True(Same(loaded, present));
    }

    [Fact]
    public void A_pruned_generator_is_its_weights_times_their_masks()
    {
        using var scope = new TensorScope();
        using var generator = new SnganGenerator(bottom: 4);
        using var masks = new TicketMasks(TicketMasks.Convolutions(generator));
        masks.Prune(0.5, PruningRule.Count);
        var entries = generator.StateDict().ToList();
        List<TensorData> data = [];
        foreach (var (name, tensor) in entries)
        {
            bool pruned = masks.Masks.Any(mask => mask.Name == name);
            data.Add(ModelWeights.Describe(pruned ? name + "_orig" : name, tensor));
        }

        foreach (var (name, mask) in masks.Masks) data.Add(ModelWeights.Describe(name + "_mask", mask));
        string path = Path.Combine(folder, "pruned.pth");
        CheckpointWriter.SavePyTorch(path, data, new PyTorchSaveOptions());
        using var loaded = new SnganGenerator(bottom: 4);
        TicketWeights.Load(loaded, path);
        masks.Apply();
        Assert.True(Same(loaded, generator));
    }

    private static bool Same(Module left, Module right) =>
        left.StateDict().Zip(right.StateDict()).All(pair => pair.First.Tensor.Equal(pair.Second.Tensor));
}
