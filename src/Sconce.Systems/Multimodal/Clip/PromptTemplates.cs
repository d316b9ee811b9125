using Sconce.Data;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// Sentences with a place for a class name, <c>{}</c>. A class's zero-shot weight is the normalised mean of the normalised features
/// of its sentences (2103.00020 §3.1.4).
/// </summary>
public static class PromptTemplates
{
    /// <summary>Where the class name goes.</summary>
    public const string Placeholder = "{}";

    /// <summary>The 80 templates of the published ImageNet results (openai/CLIP@d05afc4,
    /// notebooks/Prompt_Engineering_for_ImageNet.ipynb).</summary>
    public static IReadOnlyList<string> ImageNet { get; } =
    [
        "a bad photo of a {}.", "a photo of many {}.", "a sculpture of a {}.", "a photo of the hard to see {}.",
        "a low resolution photo of the {}.", "a rendering of a {}.", "graffiti of a {}.", "a bad photo of the {}.",
        "a cropped photo of the {}.", "a tattoo of a {}.", "the embroidered {}.", "a photo of a hard to see {}.",
        "a bright photo of a {}.", "a photo of a clean {}.", "a photo of a dirty {}.", "a dark photo of the {}.",
        "a drawing of a {}.", "a photo of my {}.", "the plastic {}.", "a photo of the cool {}.", "a close-up photo of a {}.",
        "a black and white photo of the {}.", "a painting of the {}.", "a painting of a {}.", "a pixelated photo of the {}.",
        "a sculpture of the {}.", "a bright photo of the {}.", "a cropped photo of a {}.", "a plastic {}.",
        "a photo of the dirty {}.", "a jpeg corrupted photo of a {}.", "a blurry photo of the {}.", "a photo of the {}.",
        "a good photo of the {}.", "a rendering of the {}.", "a {} in a video game.", "a photo of one {}.", "a doodle of a {}.",
        "a close-up photo of the {}.", "a photo of a {}.", "the origami {}.", "the {} in a video game.", "a sketch of a {}.",
        "a doodle of the {}.", "a origami {}.", "a low resolution photo of a {}.", "the toy {}.", "a rendition of the {}.",
        "a photo of the clean {}.", "a photo of a large {}.", "a rendition of a {}.", "a photo of a nice {}.",
        "a photo of a weird {}.", "a blurry photo of a {}.", "a cartoon {}.", "art of a {}.", "a sketch of the {}.",
        "a embroidered {}.", "a pixelated photo of a {}.", "itap of the {}.", "a jpeg corrupted photo of the {}.",
        "a good photo of a {}.", "a plushie {}.", "a photo of the nice {}.", "a photo of the small {}.",
        "a photo of the weird {}.", "the cartoon {}.", "art of the {}.", "a drawing of the {}.", "a photo of the large {}.",
        "a black and white photo of a {}.", "the plushie {}.", "a dark photo of a {}.", "itap of a {}.", "graffiti of the {}.",
        "a toy {}.", "itap of my {}.", "a photo of a cool {}.", "a photo of a small {}.", "a tattoo of the {}.",
    ];

    /// <summary>The seven of them that a forward search over the 80 chose first; about as accurate and a tenth of the work (same
    /// notebook).</summary>
    public static IReadOnlyList<string> ImageNetShort { get; } =
    [
        "itap of a {}.", "a bad photo of the {}.", "a origami {}.", "a photo of the large {}.", "a {} in a video game.",
        "art of the {}.", "a photo of the small {}.",
    ];

    /// <summary>The sentences of one class: (templates).</summary>
    /// <param name="templates">Sentences that hold <c>{}</c>.</param>
    /// <param name="className">What takes its place.</param>
    /// <exception cref="ArgumentException">There is no template, or one without a place for the name.</exception>
    public static string[] Fill(IReadOnlyList<string> templates, string className)
    {
        ArgumentNullException.ThrowIfNull(templates);
        ArgumentNullException.ThrowIfNull(className);
        if (templates.Count == 0)
            throw new ArgumentException("A class needs at least one template.", nameof(templates));
        var sentences = new string[templates.Count];
        for (var i = 0; i < sentences.Length; i++)
        {
            if (!templates[i].Contains(Placeholder, StringComparison.Ordinal))
                throw new ArgumentException($"The template \"{templates[i]}\" has no {{}} for the class name.", nameof(templates));
            sentences[i] = templates[i].Replace(Placeholder, className, StringComparison.Ordinal);
        }
        return sentences;
    }

    /// <summary>Reads templates from a UTF-8 text file, one a line; empty lines and lines that begin with # do not count.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">The file cannot be read, or is not UTF-8.</exception>
    /// <exception cref="InvalidDataException">A line has no <c>{}</c>, or there is no template; the message names file and
    /// line.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var templates = new List<string>();
        var number = 0;
        foreach (var line in TextFiles.ReadLines(path))
        {
            number++;
            var template = line.Trim();
            if (template.Length == 0 || template[0] == '#')
                continue;
            if (!template.Contains(Placeholder, StringComparison.Ordinal))
                throw new InvalidDataException($"{path}, line {number}: the template has no {{}} for the class name.");
            templates.Add(template);
        }
        return templates.Count > 0
            ? templates
            : throw new InvalidDataException($"{path} holds no template; write one sentence with {{}} a line.");
    }
}
