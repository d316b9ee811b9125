namespace Sconce.Systems.Multimodal.Clip;

/// <summary>The cleaning that CLIP's captions went through (openai/CLIP@d05afc4, clip/simple_tokenizer.py).</summary>
static class ClipText
{
    /// <summary>Repaired, references resolved twice, white space collapsed, lower case.</summary>
    public static string Clean(string text)
    {
        var unescaped = HtmlText.Unescape(HtmlText.Unescape(TextFixer.Fix(text)));
        return PythonText.Lower(PythonText.CollapseWhiteSpace(PythonText.Strip(unescaped)));
    }
}
