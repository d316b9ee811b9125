namespace Sconce.Systems.Tools.Wit;

/// <summary>One picture on one page in one language, as WIT's tables have it; official DATA.md.</summary>
public sealed record WitRow
{
    /// <summary>The columns in their order.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "language", "page_url", "image_url", "page_title", "section_title", "hierarchical_section_title", "caption_reference_description",
        "caption_attribution_description", "caption_alt_text_description", "mime_type", "original_height", "original_width",
        "is_main_image", "attribution_passes_lang_id", "page_changed_recently", "context_page_description", "context_section_description",
    ];

    /// <summary>Wikipedia's code: en, de, zh-TW.</summary>
    public required string Language { get; init; }

    /// <summary>Where the page is.</summary>
    public required string PageUrl { get; init; }

    /// <summary>Where the picture is, in its original size; rows of one picture share it.</summary>
    public required string ImageUrl { get; init; }

    /// <summary>The page's title.</summary>
    public required string PageTitle { get; init; }

    /// <summary>The section's title; empty in the lead section.</summary>
    public required string SectionTitle { get; init; }

    /// <summary>Page / section / subsection.</summary>
    public required string SectionPath { get; init; }

    /// <summary>The caption below the picture on this page; may be empty.</summary>
    public required string ReferenceCaption { get; init; }

    /// <summary>What the picture's own page says of it; often in another language, often begun by a language's name.</summary>
    public required string AttributionCaption { get; init; }

    /// <summary>For those who cannot see; may be empty.</summary>
    public required string AltText { get; init; }

    /// <summary>Such as image/jpeg.</summary>
    public required string MimeType { get; init; }

    /// <summary>Of the original, in pixels, more than 0.</summary>
    public required int Height { get; init; }

    /// <summary>Of the original, in pixels, more than 0.</summary>
    public required int Width { get; init; }

    /// <summary>Whether it is the page's lead picture; null where unknown.</summary>
    public required bool? IsMainImage { get; init; }

    /// <summary>Whether the attribution is in the row's language; null where unknown.</summary>
    public required bool? AttributionIsInLanguage { get; init; }

    /// <summary>Whether the page changed recently; null where unknown.</summary>
    public required bool? PageChangedRecently { get; init; }

    /// <summary>The page's first paragraph.</summary>
    public required string PageContext { get; init; }

    /// <summary>The section's text.</summary>
    public required string SectionContext { get; init; }
}
