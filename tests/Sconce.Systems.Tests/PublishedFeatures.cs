using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests;

/// <summary>Features of an encoder that learned without labels, from a file of the whole network and from one of its trunk.</summary>
internal static class PublishedFeatures
{
    /// <summary>Holds both files' features to the network's own.</summary>
    public static void Agree<TNetwork>(ViewMethod method, string name, Func<TNetwork> create, Func<TNetwork, Module> trunk,
        Func<TNetwork, Tensor, Tensor> features)
        where TNetwork : Module
    {
        string file = Path.Combine(Path.GetTempPath(), $"published-{Guid.NewGuid():N}.pth");
        try
        {
            using var scope = new TensorScope();
            using var off = Gradients.Off();
            var variant = new ModelVariant(name, "a small network", _ => create())
            { Capabilities = [TensorInput.Pictures(64), new TakesPictures(ImagePreprocessing.ImageNet(64))] };
            using var network = create();
            network.Eval();
            var pictures = Tensor.Randn([2, 3, 64, 64]);
            float[] expected = features(network, pictures).ToArray<float>();
            foreach (var saved in new[] { network, trunk(network) })
            {
                ModelWeights.Save(saved, file);
                using var encoder = method.CreateFeatures(new TrainedNetwork(variant, file, 64, null));
                Assert.Equal(expected, encoder.Call(pictures).ToArray<float>());
            }
        }
        finally
        {
            File.Delete(file);
        }
    }
}
