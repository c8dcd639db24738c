"""The networks that a site trains: named here, so that no form and no setting fetches one from an address."""

DEFAULT = "tf_efficientnet_lite0"
#: From torchvision where it has them, else from timm; all come with ImageNet weights.
ARCHITECTURES = (
    DEFAULT,
    *["tf_efficientnet_lite1", "tf_efficientnet_lite2", "tf_efficientnet_lite3", "tf_efficientnet_lite4"],
    *["mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "mobilenetv4_conv_small"],
    *["resnet18", "resnet34", "resnet50", "resnet101"],
    *["efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_v2_s"],
    *["regnet_y_400mf", "regnet_y_1_6gf", "convnext_tiny", "convnext_small", "convnextv2_nano"],
    *["swin_t", "vit_b_16", "vit_small_patch14_dinov2"],
)
