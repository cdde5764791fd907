/** 256 short, plain, unlike-sounding English words: one byte each, for safety words. Data of spec/card.md; no I/O. */

const TEXT = `
acorn apple april arrow atlas autumn badge bagel bakery balcony bamboo banana barrel basket beach beacon
beaver berry bicycle birch biscuit blanket blossom boat bonfire bottle bridge broom bucket butter button
cabin cactus camera candle canoe canyon carpet carrot castle cedar cellar cherry chimney circle clay
clover cobalt coffee comet compass copper coral cotton cradle crayon cricket crystal cup curtain cushion
daisy dawn desert diamond dolphin donkey door dragon drum duck eagle easel echo elbow elephant ember
engine evening fabric falcon feather fern ferry fiddle field finger flame flute forest fossil fountain fox
garden garlic gate ginger glacier glove goat gold gravel guitar hammer harbor harvest hazel hedge helmet
heron hill honey horizon hotel igloo indigo ink island ivory jacket jaguar jar jasmine jelly jigsaw jungle
kayak kettle kitchen kite kiwi koala ladder lagoon lake lamp lantern laundry lavender lemon letter library
lilac lion lizard lobster lotus magnet mango maple marble meadow melon mirror mitten monkey moon mountain
muffin museum mustard napkin needle nest north nutmeg oasis ocean olive onion orange orchard otter oven
owl oyster paddle palace panda paper parrot peach peanut pebble pencil pepper piano pigeon pillow pine
planet plum pocket pond poppy potato pottery prairie pumpkin puzzle quartz quilt rabbit radio rainbow
raven ribbon river robin rocket rose ruby saddle sailor salmon sandal saturn scarf school shadow sheep
silver snow sofa spider spoon squirrel stone summer sunset swan table tiger tomato tulip tunnel turtle
umbrella valley velvet violet walnut whale willow window winter yellow zebra zipper anchor teacup tundra
tractor trumpet teapot thunder
`;

export const WORDS: readonly string[] = TEXT.trim().split(/\s+/);
